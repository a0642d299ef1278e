"""Times and windows in query strings."""

import pytest

from taskscope.api.parameters import instant, window_of
from taskscope.clock import SECOND, fixed_clock
from taskscope.errors import UsageError
from taskscope.model.window import Window

_NOW = 1_800_000_000 * SECOND


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1700000000123456789", 1_700_000_000_123_456_789),
        ("0", 0),
        ("now", _NOW),
        ("-1h", _NOW - 3600 * SECOND),
        ("90s", _NOW - 90 * SECOND),
        ("2h ago", _NOW - 7200 * SECOND),
        ("2023-11-14T22:13:20Z", 1_700_000_000 * SECOND),
        ("2023-11-14T23:13:20+01:00", 1_700_000_000 * SECOND),
        ("2023-11-14T23:13:20 01:00", 1_700_000_000 * SECOND),
    ],
)
def test_a_time_is_written_in_many_ways(text: str, found: int) -> None:
    """A plus that was not escaped arrives as a blank."""
    assert instant(text, _NOW) == found


@pytest.mark.parametrize("text", ["", "soon", "9223372036854775808", "9" * 30, "1969-01-01T00:00:00Z", "-100000d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """Nor is what the store cannot hold."""
    with pytest.raises(UsageError):
        instant(text, _NOW)


def test_a_window_begins_before_it_ends() -> None:
    """Else it is a mistake of the one who asks."""
    assert window_of("-1m", "now", fixed_clock(_NOW)) == Window(_NOW - 60 * SECOND, _NOW)
    with pytest.raises(UsageError, match="before"):
        window_of("now", "-1m", fixed_clock(_NOW))
