"""Slices of a window by how many spans they hold."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.query.search import density
from taskscope.query.search.density import FIRST_SPANS, slices
from taskscope.store.api import Result

_MINUTE_NS = 60_000_000_000
_START = 29_833_340
"""Minutes since the epoch."""


class _Minutes:
    """A store that knows how many spans each minute holds."""

    def __init__(self, calls: Mapping[int, int]) -> None:
        self._calls = calls
        self.questions = 0

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        max_rows: int = 0,
        timeout_seconds: float = 0,
        max_memory_bytes: int = 0,
    ) -> Result:
        """Answer with the minutes that are asked for, the newest first."""
        del sql, max_rows, timeout_seconds, max_memory_bytes  # other readers need them
        self.questions += 1
        asked = parameters or {}
        rows = [(60 * minute, self._calls[minute]) for minute in sorted(self._calls, reverse=True)]
        rows = [row for row in rows if asked["first"] <= row[0] <= asked["last"]]
        return Result(("minute", "calls"), ("UInt32", "UInt64"), rows, truncated=False)


@given(
    calls=st.dictionaries(st.integers(_START, _START + 4_000), st.integers(1, 3 * FIRST_SPANS), max_size=30),
    lower=st.integers(_START * _MINUTE_NS, (_START + 4_000) * _MINUTE_NS),
    length=st.integers(1, 4_000 * _MINUTE_NS),
)
def test_slices_are_a_window_without_gaps(calls: Mapping[int, int], lower: int, length: int) -> None:
    """Whatever is where, slices follow one another from the end of the window to its beginning."""
    found = list(slices(_Minutes(calls), lower, lower + length))

    assert (found[0].upper_ns, found[-1].lower_ns) == (lower + length, lower)
    assert all(later.lower_ns == earlier.upper_ns + 1 for later, earlier in pairwise(found))
    assert all(each.lower_ns <= each.upper_ns for each in found)


def test_slices_hold_ever_more_spans() -> None:
    """The first holds what it may, the next ones four times as many each."""
    calls = {_START + minute: FIRST_SPANS // 10 for minute in range(1_000)}

    found = [each.spans for each in slices(_Minutes(calls), _START * _MINUTE_NS, (_START + 1_000) * _MINUTE_NS)]

    assert found[:3] == [FIRST_SPANS, 4 * FIRST_SPANS, 16 * FIRST_SPANS]


def test_a_full_minute_is_cut() -> None:
    """A minute that holds more than the first slice may is several slices."""
    minutes = _Minutes({_START: 5 * FIRST_SPANS})

    [first, *_] = slices(minutes, _START * _MINUTE_NS, (_START + 1) * _MINUTE_NS - 1)

    assert first.upper_ns - first.lower_ns < _MINUTE_NS / 5


def test_the_newest_day_alone_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Older minutes are asked for only when slices come to them, and all of them in parts that an answer holds."""
    monkeypatch.setattr(density, "MAX_ROWS", 100)
    minutes = _Minutes({_START + minute: FIRST_SPANS for minute in range(2_000)})
    found = slices(minutes, _START * _MINUTE_NS, (_START + 2_000) * _MINUTE_NS)

    next(found)

    assert minutes.questions == 1
    assert list(found)[-1].lower_ns == _START * _MINUTE_NS
