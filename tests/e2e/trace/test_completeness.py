"""Every log event of random streams, in any window, appears exactly once, and in order."""

import uuid
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskscope.aws.session import Account
from taskscope.clock import MILLISECOND, SECOND
from taskscope.model.ecs import Task
from taskscope.model.timeline import Kind, Reading, TimelineEvent, between, head_and_tail, whole_life
from taskscope.sources.timeline import Timeline, TimelineSource, Wanted
from tests.e2e.trace.conftest import Load
from tests.e2e.trace.incident import CLUSTER, incident, ms

LINES = st.lists(
    st.tuples(
        st.one_of(st.integers(ms(-200), ms(1500)), st.sampled_from([ms(0), ms(69), ms(540), ms(541), ms(600)])),
        st.sampled_from(["GET / 200", "GET / 200", "retry", "line\nwith\nbreaks", "\t\x1b[31mred\x1b[0m", "ü€𝄞"]),
    ),
    max_size=40,
)
STREAMS = st.dictionaries(st.sampled_from(["api", "worker", "proxy"]), LINES, min_size=1)


def order(event: TimelineEvent) -> tuple[int, int]:
    """Return the place of an event: by time, then by kind."""
    return event.time, list(Kind).index(event.kind)


def collect(
    account: Account, task_id: str, reading: Reading | None, *, margin: int = 60, whole: bool = False
) -> Timeline:
    """Bring the timeline of a task; ``reading`` None chooses head and tail, or the whole life."""
    now = ms(900) * MILLISECOND

    def choose(task: Task) -> Reading:
        if reading is not None:
            return reading
        return (whole_life if whole else head_and_tail)(task, margin=margin * SECOND, now=now)

    with TimelineSource(account, now=now) as source:
        return source.collect(source.find(CLUSTER, task_id), Wanted(choose))


def shown(timeline: Timeline) -> Counter[tuple[str | None, int, str]]:
    """Count the log lines of a timeline."""
    return Counter(
        (each.container, each.time // MILLISECOND, each.message) for each in timeline.events if each.kind is Kind.LOG
    )


def test_default_windows_hold_each_of_their_lines_once(account: Account, load: Load) -> None:
    """Head and tail, for any margin from a second to longer than the task's life."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(streams=STREAMS, margin=st.integers(1, 700))
    def holds(streams: dict[str, list[tuple[int, str]]], margin: int) -> None:
        task_id = uuid.uuid4().hex
        load(incident(task_id, {name: sorted(lines, key=lambda line: line[0]) for name, lines in streams.items()}))

        timeline = collect(account, task_id, None, margin=margin)

        head_end, tail_start = ms(9 + margin), ms(600 - margin)
        expected = Counter(
            (name, time, text)
            for name, lines in streams.items()
            for time, text in lines
            if ms(-margin) <= time < head_end or time >= max(tail_start, head_end)
        )
        assert shown(timeline) == expected
        assert timeline.events == sorted(timeline.events, key=order)

    holds()


def test_any_window_holds_each_of_its_lines_once(account: Account, load: Load) -> None:
    """--since and --until: the start belongs to the window, the end does not, slices neither lose nor double."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(streams=STREAMS, edges=st.tuples(*[st.integers(ms(-300) * 1_000, ms(1600) * 1_000)] * 2))
    def holds(streams: dict[str, list[tuple[int, str]]], edges: tuple[int, int]) -> None:
        since, until = (each * 1_000 for each in sorted(edges))
        task_id = uuid.uuid4().hex
        state = incident(task_id, {name: sorted(lines, key=lambda line: line[0]) for name, lines in streams.items()})
        load(state)

        task = Task.from_document(state["task"])
        timeline = collect(account, task_id, between(since, until, task=task, margin=0))

        expected = Counter(
            (name, time, text)
            for name, lines in streams.items()
            for time, text in lines
            if since <= time * MILLISECOND < until
        )
        assert shown(timeline) == expected

    holds()


def test_a_long_stream_is_read_to_its_end_and_in_its_order(account: Account, load: Load) -> None:
    """25,000 lines of two hours, many of equal time: pages and slices are put together in the stream's order."""
    task_id = uuid.uuid4().hex
    lines = [(ms(10) + number // 7 * 2_000, f"line {number}") for number in range(25_000)]
    load(incident(task_id, {"api": lines}, stopping=7_300))

    timeline = collect(account, task_id, None, whole=True)

    assert [each.message for each in timeline.events if each.kind is Kind.LOG] == [text for _, text in lines]
