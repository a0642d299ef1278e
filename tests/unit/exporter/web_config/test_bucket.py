"""The rate limit."""

from taskscope.exporter.web_config.bucket import Bucket
from taskscope.exporter.web_config.config import RateLimit


def test_burst_then_one_for_each_interval() -> None:
    """At a clock that the test turns."""
    now = [100.0]
    bucket = Bucket(RateLimit(2.0, 3), now=lambda: now[0])

    assert [bucket.take() for _ in range(5)] == [True, True, True, False, False]
    now[0] += 1.9
    assert not bucket.take()
    now[0] += 0.2
    assert [bucket.take(), bucket.take()] == [True, False]
    now[0] += 1000
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_a_burst_of_none_lets_nobody_in() -> None:
    """As it is written."""
    assert not Bucket(RateLimit(1.0, 0)).take()
