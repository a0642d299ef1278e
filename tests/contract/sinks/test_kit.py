"""What every sink promises, tried on all of them."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from taskscope.errors import UnavailableError
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from tests.contract.sinks.backstage import BAD, Backstage


def _batch(backstage: Backstage, *names: str, number: int = 1) -> Batch:
    return Batch(backstage.signal, [backstage.row(name) for name in names], f"token-{number}")


def test_a_batch_arrives_whole(backstage: Backstage) -> None:
    """Every row is there when ``consume`` returns, and counted."""
    outcome = backstage.sink.consume(_batch(backstage, "one", "two", "three"))

    assert (outcome.accepted, list(outcome.rejected)) == (3, [])
    assert sorted(backstage.arrived()) == ["one", "three", "two"]


def test_an_empty_batch_is_no_matter(backstage: Backstage) -> None:
    """Enrichment or sampling may leave nothing."""
    assert backstage.sink.consume(_batch(backstage)).accepted == 0


def test_the_same_token_may_come_again(backstage: Backstage) -> None:
    """After a crash nobody knows whether the batch arrived: it arrives at least once, or just once."""
    batch = _batch(backstage, "one")
    outcomes = [backstage.sink.consume(batch) for _ in range(2)]

    assert [outcome.accepted for outcome in outcomes] == [1, 1]
    assert Counter(backstage.arrived())["one"] in ({1} if backstage.once else {1, 2})


def test_an_outage_is_told_and_the_retry_arrives(backstage: Backstage) -> None:
    """UnavailableError, as often as it takes; afterwards the same batch is taken as if nothing had been."""
    batch = _batch(backstage, "one", "two")
    backstage.switch(False)  # noqa: FBT003 (a switch)
    for _ in range(2):
        with pytest.raises(UnavailableError):
            backstage.sink.consume(batch)
    backstage.switch(True)  # noqa: FBT003 (a switch)

    assert backstage.sink.consume(batch).accepted == 2
    assert set(backstage.arrived()) == {"one", "two"}


def test_what_is_refused_for_ever_is_rejected_alone(backstage: Backstage) -> None:
    """The row is named by its position, with a reason; the others arrive."""
    outcome = backstage.sink.consume(_batch(backstage, "one", BAD, "two"))

    assert outcome.accepted == 2
    assert [(each.position, each.rows) for each in outcome.rejected] == [(1, 1)]
    assert outcome.rejected[0].reason
    assert {"one", "two"} <= set(backstage.arrived())


def test_encoded_batches_arrive_where_they_are_taken(backstage: Backstage) -> None:
    """Whoever says that it takes a form of bodies counts the rows inside."""
    assert backstage.encode.keys() == {form for form in backstage.sink.encoded if form.signal == backstage.signal}
    for number, (form, encode) in enumerate(backstage.encode.items()):
        bodies = [encode([f"{name}-{form}"]) for name in ("one", "two")]

        assert backstage.sink.consume(EncodedBatch(form, bodies, f"token-{number}", [7, 8])).accepted == 2
        assert {f"one-{form}", f"two-{form}"} <= set(backstage.arrived())


def test_other_forms_are_refused(backstage: Backstage) -> None:
    """Whoever does not take a form has a mistake of the caller told."""
    for form in frozenset(Encoded) - backstage.sink.encoded:
        with pytest.raises(ValueError, match=backstage.sink.name):
            backstage.sink.consume(EncodedBatch(form, [b""], "token-1", [7]))


def test_other_signals_are_refused(backstage: Backstage) -> None:
    """What a sink does not name among its signals is a mistake of the caller, and never dropped in silence."""
    others = set(Signal) - backstage.sink.signals

    assert Signal.CHANGES in others
    for signal in others:
        with pytest.raises(ValueError, match=backstage.sink.name):
            backstage.sink.consume(Batch(signal, [], "token-1"))


def test_several_threads_bring_batches_at_once(backstage: Backstage) -> None:
    """Each another one; all of them arrive."""
    batches = [_batch(backstage, f"{number}a", f"{number}b", number=number) for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        accepted = [outcome.accepted for outcome in pool.map(backstage.sink.consume, batches)]

    assert accepted == [2] * 8
    assert sorted(backstage.arrived()) == sorted(f"{number}{each}" for number in range(8) for each in "ab")


def test_closing_twice_is_safe(backstage: Backstage) -> None:
    """Also after batches."""
    backstage.sink.consume(_batch(backstage, "one"))
    backstage.sink.close()
    backstage.sink.close()


def test_a_sink_has_a_name_fit_for_files_and_counters(backstage: Backstage) -> None:
    """Its cursor is a file, and ``forwarded.<name>.<signal>`` has at most 56 bytes."""
    name = backstage.sink.name

    assert name.replace("-", "").isalnum()
    assert len(f"forwarded.{name}.metrics") <= 56
