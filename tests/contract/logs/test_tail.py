"""Live tail of a real store: what comes in is told once, however old it is and however it is resumed."""

import time

from taskscope.model.log import LogRecord
from taskscope.query.logs.tail import Tail
from taskscope.store.engine import Store
from tests.contract.logs.conftest import Put
from tests.contract.logs.records import PLAIN, record


def told(tail: Tail) -> list[str]:
    """Return the bodies of one look."""
    return [line.body for batch in tail.poll() for line in batch]


def test_late_and_equal_lines_are_told_once(empty: Store, put: Put) -> None:
    """The time of a record does not matter, only when it came in; the same second is looked at again."""
    tail = Tail(empty, int(time.time()), {})
    assert told(tail) == []
    put([record("new", 100), record("new", 100)])
    assert told(tail) == ["new", "new"]
    assert told(tail) == []
    put([record("old", -100_000), record("new", 100)])
    assert sorted(told(tail)) == ["new", "old"]
    assert told(tail) == []


def test_what_was_there_before_is_left_out(empty: Store, put: Put) -> None:
    """A tail begins with a second."""
    put([record("before")])
    assert told(Tail(empty, int(time.time()) + 5, {})) == []


def test_filters_hold(empty: Store, put: Put) -> None:
    """Those that SQL checks, and those that are tried record by record."""
    tails = [
        Tail(empty, int(time.time()), {"text": "two"}),
        Tail(empty, int(time.time()), {"pattern": "{ $.n = 2 }"}),
    ]
    put([LogRecord(1, "one", {"n": 1}, PLAIN), LogRecord(2, "two", {"n": 2}, PLAIN)])
    assert [told(each) for each in tails] == [["two"], ["two"]]
    assert [told(each) for each in tails] == [[], []]


def test_a_tail_that_goes_on_misses_nothing(empty: Store, put: Put) -> None:
    """After a break lines may come again, each under the cursor that it had."""
    first = Tail(empty, int(time.time()), {})
    put([record(f"a{number}", number) for number in range(3)])
    before = {line.cursor for batch in first.poll() for line in batch}
    put([record("during the break", 7)])

    after = {line.cursor: line.body for batch in Tail(empty, int(first.cursor), {}).poll() for line in batch}

    assert set(after) > before
    assert [body for cursor, body in after.items() if cursor not in before] == ["during the break"]


def test_long_seconds_come_in_pieces(empty: Store, put: Put) -> None:
    """A thousand records of one insert are not held at once."""
    tail = Tail(empty, int(time.time()), {})
    put([record(f"line {number}", number // 7) for number in range(1_200)])
    batches = list(tail.poll())
    assert len(batches) > 2
    assert len({line.cursor for batch in batches for line in batch}) == 1_200


def test_settled_seconds_are_forgotten(empty: Store, put: Put) -> None:
    """Seconds before the horizon count as settled: the cursor moves on."""
    tail = Tail(empty, int(time.time()) - 100, {})
    put([record("x")])
    assert told(tail) == ["x"]
    assert int(tail.cursor) >= int(time.time()) - 40
