"""How long signals are kept, as people write it."""

import pytest

from taskscope.app.settings.config import ServerConfig
from taskscope.app.settings.retention import parse_retention
from taskscope.errors import UsageError
from taskscope.model.batch import Signal

_DAY = 86_400


def test_retention_of_what_is_not_named_stays_as_it_was() -> None:
    """Who shortens traces does not keep logs for ever."""
    assert parse_retention("traces=36h, changes=90d") == {
        Signal.SPANS: 36 * 3600,
        Signal.LOGS: 7 * _DAY,
        Signal.METRICS: 30 * _DAY,
        Signal.CHANGES: 90 * _DAY,
    }
    assert parse_retention(ServerConfig().retention) == parse_retention("")
    assert parse_retention("")[Signal.CHANGES] == 0


@pytest.mark.parametrize("age", ["0", "0s"])
def test_a_retention_of_nothing_is_for_ever(age: str) -> None:
    """As the store takes it."""
    assert parse_retention(f"logs={age}")[Signal.LOGS] == 0


@pytest.mark.parametrize("text", ["traces", "traces=", "traces=x", "=7d", "traces=500ms", "traces=4000d", "all=7d"])
def test_a_retention_that_would_delete_all_or_does_not_read_is_refused(text: str) -> None:
    """Less than a second would be for ever, and more than ten years past the end of the engine's times: at once."""
    with pytest.raises(UsageError):
        parse_retention(text)
