"""How long a scrape waits."""

import pytest

from taskscope.exporter.config import ATTEMPTS, TIMEOUT_SECONDS
from taskscope.exporter.scrape import MAX_SECONDS, patience_seconds


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        (None, 7.0),
        ("10", 7.0),
        ("10.000000", 7.0),
        ("5", 4.5),
        ("1", 0.5),
        ("0.2", 0.1),
        ("0", 7.0),
        ("-3", 7.0),
        ("soon", 7.0),
        ("nan", 7.0),
        ("inf", 7.0),
        ("1e-3", 0.0005),
    ],
)
def test_patience_is_shorter_than_the_scrapers(asked: str | None, seconds: float) -> None:
    """And bounded where it says nothing sensible."""
    assert patience_seconds(asked) == pytest.approx(seconds)


def test_a_reading_ends_while_prometheus_waits_by_default() -> None:
    """Two answers, each asked for twice, of an endpoint that is silent."""
    assert 2 * ATTEMPTS * TIMEOUT_SECONDS + 0.5 <= MAX_SECONDS < 10
