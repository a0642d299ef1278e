"""Sampling: whole traces, chosen by all that became known of them in time."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.clock import SECOND
from taskscope.counters import Counters
from taskscope.errors import UsageError
from taskscope.model.batch import Signal
from taskscope.model.span import Span, Status
from taskscope.pipeline import observe, waiting
from taskscope.pipeline.observe import Observer
from taskscope.pipeline.sample import RATE_ATTRIBUTE, SamplingConfig, TailSampler
from taskscope.pipeline.waiting import WaitingCutter
from taskscope.spool.reader import LaneReader
from tests.unit.pipeline.doubles import NOW, Rig, span, spans
from tests.unit.sinks import rows

NOTHING = SamplingConfig(rate=0.0)


def made(number: int, *, trace: int | None = None, error: bool = False, seconds: float = 0.1) -> Span:
    """Return a span of a trace of its own, or of another's."""
    fresh = rows.span(number, start_ns=NOW)
    return fresh._replace(
        trace_id=(number if trace is None else trace).to_bytes(16, "big"),
        status=Status.ERROR if error else Status.UNSET,
        end_ns=NOW + round(seconds * SECOND),
    )


def sampler(config: SamplingConfig = NOTHING, *, most_traces: int = 100) -> tuple[TailSampler, Counters]:
    """Return a sampler and where it counts."""
    counters = Counters()
    return TailSampler(config, counters, most_traces=most_traces), counters


def test_sampling_is_off_unless_asked_for() -> None:
    """Whatever the other settings say."""
    assert not SamplingConfig().is_on
    assert not SamplingConfig(slow_seconds=1).is_on
    assert SamplingConfig(rate=0.5).is_on
    SamplingConfig().validate()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (SamplingConfig(rate=1.1), "rate is 1.1"),
        (SamplingConfig(rate=-0.1), "rate is -0.1"),
        (SamplingConfig(rate=float("nan")), "rate is nan"),
        (SamplingConfig(slow_seconds=-1.0), "slow_seconds is -1"),
        (SamplingConfig(wait_seconds=0.0), "wait_seconds is 0"),
        (SamplingConfig(wait_seconds=3601.0), "wait_seconds is 3601"),
    ],
)
def test_wrong_setting_is_named(wrong: SamplingConfig, told: str) -> None:
    """With its value."""
    with pytest.raises(UsageError, match=told):
        wrong.validate()


def test_trace_with_an_error_is_kept_as_a_whole() -> None:
    """Its spans in other bodies too, and those that came before the error in the same one."""
    tail, counters = sampler()

    kept = tail.select(Signal.SPANS, [made(1, trace=7), made(2), made(3, trace=7, error=True)])

    assert [each.name for each in kept if isinstance(each, Span)] == ["row-1", "row-3"]
    assert tail.select(Signal.SPANS, [made(4, trace=7)]) == [made(4, trace=7)]
    assert counters.all() == {"sampled_out.spans": 1}


def test_slow_trace_is_kept_as_a_whole() -> None:
    """From the given time on; 0 is no time."""
    tail, _ = sampler(SamplingConfig(rate=0.0, slow_seconds=2.0))
    other, _ = sampler(SamplingConfig(rate=0.0, keep_errors=False))

    assert len(tail.select(Signal.SPANS, [made(1, seconds=1.9), made(2, seconds=2.0), made(3, trace=2)])) == 2
    assert len(other.select(Signal.SPANS, [made(1, seconds=100.0), made(2, error=True)])) == 0


@given(st.floats(0, 1), st.lists(st.binary(min_size=16, max_size=16), max_size=20))
def test_rate_chooses_the_same_traces_in_every_process(rate: float, traces: list[bytes]) -> None:
    """And a higher rate those of a lower one, and more."""
    spans = [made(1)._replace(trace_id=each) for each in traces]

    def chosen(rate: float) -> list[bytes]:
        tail, _ = sampler(SamplingConfig(rate=rate))
        return [each.trace_id for each in tail.select(Signal.SPANS, spans) if isinstance(each, Span)]

    assert chosen(rate) == chosen(rate)
    assert set(chosen(rate / 2)) <= set(chosen(rate)) <= set(chosen(1.0)) == set(traces)
    assert chosen(0.0) == []


def test_rate_is_a_share_of_traces_and_written_on_what_it_keeps() -> None:
    """So that counts can be scaled: other spans stand for themselves."""
    tail, counters = sampler(SamplingConfig(rate=0.25))

    kept = tail.select(Signal.SPANS, [made(number, error=number == 0) for number in range(4000)])

    marked = [each for each in kept if isinstance(each, Span) and each.attributes.get(RATE_ATTRIBUTE) == 0.25]
    assert 900 < len(marked) < 1100
    assert len(kept) == len(marked) + 1
    assert counters.value("sampled_out.spans") == 4000 - len(kept)


def test_other_signals_pass() -> None:
    """As they are."""
    tail, counters = sampler()
    logs = [rows.log("1", time_ns=1)]

    assert tail.select(Signal.LOGS, logs) is logs
    assert counters.all() == {}


def test_memory_is_bounded() -> None:
    """The oldest traces are forgotten, and counted."""
    tail, counters = sampler(most_traces=3)
    for number in range(5):
        tail.learn([made(number, error=True), made(number, error=True)])

    assert len(tail.select(Signal.SPANS, [made(number) for number in range(5)])) == 3
    assert counters.value("sampling.forgotten") == 2


class Watch:
    """A clock that is turned by hand."""

    now = NOW

    def __call__(self) -> int:
        """Return the time."""
        return self.now


def test_error_in_a_later_frame_of_another_lane_keeps_the_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing goes out until it has waited; then all of the trace does, and nothing of the others."""
    monkeypatch.setattr(observe, "_IDLE_SECONDS", 0.001)
    monkeypatch.setattr(waiting, "_PAUSE", 0)
    watch = Watch()
    rig = Rig(tmp_path, clock=watch)
    rig.selection = tail = TailSampler(NOTHING, rig.counters)
    observer = Observer(rig.spool, tail.learn, clock=watch)
    plain = rig.cutter

    def cutter(lane: str, reader: LaneReader) -> WaitingCutter:
        inner = plain(lane, reader)
        return WaitingCutter(inner, reader, wait_ns=10 * SECOND, seen_ns=lambda: observer.seen_ns, clock=watch)

    monkeypatch.setattr(rig, "cutter", cutter)
    rig.append("otlp-0", [spans(span(1, 1), span(2, 1))])
    consumer = rig.consumer()
    observer.start([consumer])
    consumer.start()
    assert observer.wait(10)
    watch.now += 9 * SECOND
    rig.append("xray-0", [spans(span(1, 2, error=True), received_ns=watch.now)])
    rig.append("otlp-0", [spans(span(1, 3), span(2, 2), received_ns=watch.now)])
    assert rig.sink.batches == {}
    while consumer.backlog_bytes():
        watch.now += SECOND
        time.sleep(0.001)
    consumer.stop()
    observer.stop()
    observer.stop()

    kept = [each.name for each in rig.sink.rows(Signal.SPANS) if isinstance(each, Span)]
    assert sorted(kept) == ["1.1", "1.2", "1.3"]
    assert rig.counters.value("sampled_out.spans") == 2
