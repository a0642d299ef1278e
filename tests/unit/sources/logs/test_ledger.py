"""Counting lines: what is seen twice is shown once, what is there twice is shown twice."""

from hypothesis import given
from hypothesis import strategies as st

from taskscope.clock import SECOND
from taskscope.model.log_reading import LogEntry
from taskscope.sources.logs.ledger import Ledger


def _line(message: str, second: int = 0) -> LogEntry:
    return LogEntry(second * SECOND, message, "/g", "s")


@given(looks=st.lists(st.lists(st.sampled_from("ab"), max_size=4), max_size=4), told=st.lists(st.sampled_from("ab")))
def test_as_many_are_shown_as_one_side_saw_at_most(looks: list[list[str]], told: list[str]) -> None:
    """Of each line: the greatest number in one look, or told by live tail in all."""
    ledger = Ledger()
    shown = []

    for look in looks:
        is_new = ledger.look(0)
        shown += [each for each in look if is_new(_line(each))]
    shown += [each for each in told if ledger.told(_line(each), 0)]

    for text in "ab":
        assert shown.count(text) == max([look.count(text) for look in looks] + [told.count(text)])


def test_old_lines_are_forgotten_once_shown_long_ago() -> None:
    """A line stays while its time, or the time when it was shown, is after the floor."""
    ledger = Ledger()
    ledger.look(1000 * SECOND)(_line("old", 10))
    ledger.told(_line("late", 10), 5000 * SECOND)
    ledger.told(_line("ahead", 9000), 1000 * SECOND)

    ledger.forget(2000 * SECOND)

    assert len(ledger) == 2
    assert not ledger.look(5000 * SECOND)(_line("late", 10))
    assert not ledger.look(5000 * SECOND)(_line("ahead", 9000))
