"""Lists and groups of traces in a store, against plain Python over the same spans."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median_low
from types import SimpleNamespace
from typing import Any, Final

import pytest

from taskscope.errors import UsageError
from taskscope.model.attributes import AttributeValue
from taskscope.model.resource import Resource
from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span, SpanEvent, SpanKind
from taskscope.model.trace import TracePage, TraceSummary
from taskscope.model.window import Window
from taskscope.query.rules.outcome import outcome
from taskscope.query.rules.root import root_of
from taskscope.query.search import density, lookup, newest
from taskscope.query.search.evaluate import matches
from taskscope.query.search.find import find_traces, group_traces
from taskscope.query.search.overview import OTHER
from taskscope.query.search.parse import parse
from taskscope.query.trace import read
from taskscope.query.trace.summary import summarize
from taskscope.store.engine import Store
from tests.unit.query.search.keeping import keep

_START_NS: Final = 1_790_000_000_000_000_000
_SECOND: Final = 1_000_000_000
_WINDOW: Final = Window(_START_NS, _START_NS + 7_200 * _SECOND)
_RESOURCES: Final = [
    Resource({"service.name": name, "cloud.provider": "aws", "cloud.platform": "aws_ecs", "host.id": f"i-{name}"})
    for name in ("web", "orders", "billing")
]


def _trace(number: int, *, start_ns: int | None = None) -> list[Span]:
    """Make a trace: a request, a call of another service, its answer, and a call of a database."""
    chance = random.Random(number)  # noqa: S311 (no secret)
    trace_id = number.to_bytes(4) + bytes(12)
    begin = chance.randrange(_WINDOW.start_ns, _WINDOW.end_ns - 10 * _SECOND) if start_ns is None else start_ns
    web, other = _RESOURCES[0], chance.choice(_RESOURCES[1:])
    status = chance.choice((200, 200, 200, 404, 429, 500))

    def span(place: int, kind: int, resource: Resource, attributes: Mapping[str, AttributeValue]) -> Span:
        start = begin + place * _SECOND // 10
        end = start + chance.randrange(1, 3 * _SECOND)
        parent = bytes(7) + bytes([place]) if place else b""
        texts = {key: str(value) for key, value in attributes.items()}
        return Span(trace_id, bytes(7) + bytes([place + 1]), parent, f"op {place}", kind, start, end, texts, resource)

    url = f"http://shop/{chance.randrange(4)}"
    spans = [
        span(0, SpanKind.SERVER, web, {"url.full": url, "http.request.method": "GET",
             "http.response.status_code": status, "enduser.id": chance.choice(("ann", "bob", ""))}),
        span(1, SpanKind.CLIENT, web, {"peer.service": "shop", "aws.xray.annotations": '["tier"]',
             "tier": chance.choice(("gold", "std"))}),
        span(2, SpanKind.SERVER, other, {"enduser.id": chance.choice(("ann", "cid"))}),
        span(3, SpanKind.CLIENT, other, {"db.system": "mysql", "db.name": "shop", "tier": "5"}),
    ]  # fmt: skip
    if status == 500:
        event = SpanEvent(begin, "exception", {"exception.type": "Timeout", "exception.message": "no answer"})
        spans[2] = spans[2]._replace(events=[event])
    return spans


_TRACES: Final = {number: _trace(number) for number in range(1, 121)}


@pytest.fixture(scope="module", autouse=True)
def _kept(store: Store) -> None:
    keep(store, (span for spans in _TRACES.values() for span in spans))


def _begin(spans: Sequence[Span]) -> tuple[int, str]:
    return min(span.start_ns for span in spans), spans[0].trace_id.hex()


def _expected(expression: str, window: Window = _WINDOW) -> list[str]:
    found = [_begin(spans) for spans in _TRACES.values() if matches(parse(expression), spans)]
    return [name for start, name in sorted(found, reverse=True) if window.start_ns <= start < window.end_ns]


def _ids(traces: Sequence[TraceSummary]) -> list[str]:
    return [each.trace_id for each in traces]


def _all_pages(store: Store, **question: Any) -> list[str]:
    page, found = TracePage(()), []
    while True:
        page = find_traces(store, _WINDOW, cursor=page.cursor, deadline_seconds=60, **question)
        found += _ids(page.traces)
        if not page.cursor:
            return found


@pytest.mark.parametrize(
    "expression",
    ["", "fault", "!ok", 'annotation.tier = "gold"', "duration > 2.5", 'service("orders"){duration > 2}',
     'edge("web", "orders")', 'user = "bob" OR error', 'http.url = "nothing"', 'rootcause.fault.exception{name = "x"}'],
)  # fmt: skip
@pytest.mark.parametrize("most_few", [0, 64])
def test_pages_hold_what_matches_newest_first(
    store: Store, monkeypatch: pytest.MonkeyPatch, expression: str, most_few: int
) -> None:
    """All pages together are what the evaluator finds, by their begins, whether the store checks or memory does."""
    monkeypatch.setattr(lookup, "MOST_FEW", most_few)

    assert _all_pages(store, expression=expression, limit=50) == _expected(expression)


@pytest.mark.parametrize(
    "expression", ["", "!ok", 'annotation.tier = "gold" AND fault', "duration > 2.5", 'edge("web", "orders"){error}']
)
def test_slices_and_checks_change_nothing(store: Store, monkeypatch: pytest.MonkeyPatch, expression: str) -> None:
    """Pages are the same where slices are short, and where evidence is so common that the store checks all of it."""
    monkeypatch.setattr(density, "FIRST_SPANS", 40)
    monkeypatch.setattr(newest, "_MOST_HITS", 1)

    assert _all_pages(store, expression=expression, limit=4) == _expected(expression)


def test_a_trace_is_found_by_what_it_does_after_the_window(store: Store) -> None:
    """Traces that begin in a window are found by their rows up to ten minutes later; others there are left out."""
    starts = sorted(_begin(spans) for spans in _TRACES.values())
    start_ns, name = starts[60]

    found = find_traces(store, Window(start_ns, start_ns + 1), expression='service("shop") OR service("mysql")')

    assert _ids(found.traces) == [name]
    assert (found.cursor, found.reached_ns) == ("", 0)
    assert found.scanned_spans >= 1


def test_a_cursor_before_the_window_is_its_end(store: Store) -> None:
    """A cursor of an earlier window leaves nothing to be found, and no page after."""
    page = find_traces(store, _WINDOW, limit=1)
    later = Window(_WINDOW.end_ns + _SECOND, _WINDOW.end_ns + 2 * _SECOND)

    assert find_traces(store, later, cursor=page.cursor) == TracePage(())


def test_traces_are_of_the_window_that_they_begin_in(store: Store) -> None:
    """A window holds the traces that begin in it, from its start up to and without its end."""
    starts = sorted(_begin(spans) for spans in _TRACES.values())
    window = Window(starts[40][0], starts[50][0])

    found = _ids(find_traces(store, window, limit=100).traces)

    assert found == [name for _, name in reversed(starts[40:50])]


def test_the_longest_traces_come_first_when_asked_for(store: Store) -> None:
    """By duration traces are in the order of it, over all of the window and over pages."""

    def duration(spans: Sequence[Span]) -> tuple[int, str]:
        return max(span.end_ns for span in spans) - _begin(spans)[0], spans[0].trace_id.hex()

    durations = [duration(spans) for spans in _TRACES.values() if matches(parse("error"), spans)]

    found = _all_pages(store, expression="error", sort="duration", limit=12)

    assert found == [name for _, name in sorted(durations, reverse=True)]


def test_a_trace_that_comes_in_between_pages_moves_nothing(store: Store) -> None:
    """The next page goes on where the last one ended, whatever newer traces came."""
    first = find_traces(store, _WINDOW, limit=5)
    newer = _trace(9_000, start_ns=_WINDOW.end_ns - _SECOND)
    keep(store, newer)

    second = find_traces(store, _WINDOW, limit=5, cursor=first.cursor)
    again = find_traces(store, _WINDOW, limit=5)
    store.execute(
        f"ALTER TABLE {store.database}.spans DELETE WHERE TraceId = unhex('{newer[0].trace_id.hex()}')",
        mutations_sync=1,
    )

    assert _ids(first.traces) + _ids(second.traces) == _expected("")[:10]
    assert again.traces[0].trace_id == newer[0].trace_id.hex()


def test_a_summary_says_what_summarize_says(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traces summed up by the store are those summed up in memory."""
    monkeypatch.setattr(lookup, "MOST_FEW", 0)

    for each in find_traces(store, _WINDOW, limit=50).traces:
        assert _sorted(each) == _sorted(summarize(_TRACES[int(each.trace_id[:8], 16)]))


def test_a_few_long_traces_are_the_stores_to_check(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of traces of more spans than a few the same is found."""
    monkeypatch.setattr(read, "_FEW", 3)

    assert _all_pages(store, expression="fault", limit=50) == _expected("fault")


def test_a_subsegment_sent_alone_does_not_name_who_set_its_annotations(store: Store) -> None:
    """A list of traces does not look for its segment; the service that said the same is named, and the user's."""
    start = _WINDOW.end_ns + 200 * _SECOND
    [root, *_] = _trace(9_101, start_ns=start)
    alone = {"aws.xray.document": "subsegment", "aws.xray.annotations": '["tier","lone"]', "tier": "gold", "lone": "1"}
    told = {"aws.xray.annotations": '["tier"]', "tier": "gold", "enduser.id": "eve"}
    child = root._replace(span_id=b"\x09" * 8, parent_span_id=root.span_id, attributes=alone, resource=Resource({}))
    keep(store, [root._replace(attributes=told), child])
    [found] = find_traces(store, Window(start, start + _SECOND)).traces

    web = (NodeKey("web", "AWS::ECS::Container"),)
    assert found.annotation_nodes == {"tier": (web,), "lone": ((),)}
    assert (found.users, found.user_nodes) == (("eve",), (web,))


def test_what_a_subsegment_sent_alone_did_is_found_as_done_by_its_segment(store: Store) -> None:
    """In every list: of the newest, of the longest, and of groups."""
    start = _WINDOW.end_ns + 300 * _SECOND
    [root, *_] = _trace(9_102, start_ns=start)
    call = {
        "aws.xray.document": "subsegment",
        "aws.xray.namespace": "aws",
        "aws.service": "S3",
        "aws.xray.error": "true",
    }
    child = root._replace(
        span_id=b"\x09" * 8, parent_span_id=root.span_id, kind=SpanKind.CLIENT, attributes=call, resource=Resource({})
    )
    keep(store, [root, child])
    window = Window(start, start + _SECOND)

    for asked, count in (('edge("web", "S3") { error }', 1), ('edge("unknown_service", "S3")', 0)):
        for sort in ("time", "duration"):
            assert len(find_traces(store, window, expression=asked, sort=sort).traces) == count
        groups = group_traces(store, window, by="service", expression=asked).groups
        assert [(each.value, each.count) for each in groups] == [("web", 1)] * count


def _sorted(summary: TraceSummary) -> TraceSummary:
    """Put in order what has none: lists of values."""
    return replace(
        summary,
        users=tuple(sorted(summary.users)),
        user_nodes=tuple(nodes for _, nodes in sorted(zip(summary.users, summary.user_nodes, strict=True))),
        instance_ids=tuple(sorted(summary.instance_ids)),
        annotations={key: tuple(sorted(values)) for key, values in sorted(summary.annotations.items())},
        annotation_nodes={
            key: tuple(nodes for _, nodes in sorted(zip(values, summary.annotation_nodes[key], strict=True)))
            for key, values in sorted(summary.annotations.items())
        },
    )


def test_a_trace_in_progress_is_partial_until_it_is_completed(store: Store) -> None:
    """A segment in progress is a span of its trace; its completion takes its place."""
    number, start = 9_001, _WINDOW.end_ns + 100 * _SECOND
    window = Window(start, start + _SECOND)
    [root, *rest] = _trace(number, start_ns=start)
    keep(store, [root._replace(in_progress=True, end_ns=root.start_ns, attributes={}), *rest])
    begun = find_traces(store, window, expression="partial").traces
    keep(store, [root])

    assert [(each.is_partial, each.root_name, each.span_count) for each in begun] == [(True, "op 0", 4)]
    assert find_traces(store, window, expression="partial").traces == ()
    assert find_traces(store, window).traces[0].span_count == 4


def test_spans_of_a_trace_minutes_later_are_seen(store: Store) -> None:
    """A trace is found by what it did minutes after its begin, and is listed once, where it began."""
    start = _WINDOW.end_ns + 10_000 * _SECOND
    [root, *rest] = _trace(9_002, start_ns=start)
    late = [each._replace(start_ns=each.start_ns + 500 * _SECOND, end_ns=each.end_ns + 500 * _SECOND) for each in rest]
    keep(store, [root, *late])
    window = Window(start - _SECOND, start + 1_000 * _SECOND)

    found = find_traces(store, window, expression='service("mysql") OR service("shop")').traces

    assert [(each.start_ns, each.span_count) for each in found] == [(start, 4)]
    assert find_traces(store, Window(start + _SECOND, start + 1_000 * _SECOND)).traces == ()


def test_a_deadline_ends_the_search_and_says_how_far_it_came(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that time cut short names the time it reached, and its cursor goes on from there."""
    ticks = iter(range(1_000))
    monkeypatch.setattr(lookup, "time", SimpleNamespace(monotonic=lambda: float(next(ticks))))
    monkeypatch.setattr(density, "FIRST_SPANS", 8)
    page = find_traces(store, _WINDOW, expression="fault", deadline_seconds=3, limit=100)
    monkeypatch.undo()
    rest = find_traces(store, _WINDOW, expression="fault", cursor=page.cursor, limit=100, deadline_seconds=60)

    assert _WINDOW.start_ns < page.reached_ns < _WINDOW.end_ns
    assert all(each.start_ns >= page.reached_ns for each in page.traces)
    assert (rest.reached_ns, rest.cursor) == (0, "")
    assert _ids(page.traces) + _ids(rest.traces) == _expected("fault")


def _long_traces(store: Store, first: int, count: int, start_ns: int) -> list[list[Span]]:
    """Keep traces of two spans without parents that are five minutes apart, one begun each second."""
    traces = []
    for number in range(count):
        begin = start_ns + number * _SECOND
        root = _trace(first + number, start_ns=begin)[0]
        later = root._replace(span_id=b"\x09" * 8, start_ns=begin + 300 * _SECOND, end_ns=begin + 301 * _SECOND)
        traces.append([root, later])
    keep(store, (span for spans in traces for span in spans))
    return traces


class _Counted:
    """A reader that counts what it is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.questions = 0

    def query(self, *asked: Any, **more: Any) -> Any:
        """Pass a question on."""
        self.questions += 1
        return self._store.query(*asked, **more)


@pytest.mark.parametrize("sort", ["time", "duration"])
def test_traces_that_began_long_before_take_few_questions(
    store: Store, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    """However many of them have spans in the window: they are checked by ever more at once."""
    monkeypatch.setattr(newest, "_MOST_HITS", 20)
    start = _WINDOW.end_ns + (20_000 if sort == "time" else 40_000) * _SECOND
    _long_traces(store, 10_000 if sort == "time" else 11_000, 200, start)
    reader = _Counted(store)

    assert find_traces(reader, Window(start + 290 * _SECOND, start + 600 * _SECOND), sort=sort, limit=1).traces == ()
    assert reader.questions <= 30


def test_pages_that_time_cut_short_leave_nothing_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where traces began long before the spans that they were found by, and many before the window."""
    start = _WINDOW.end_ns + 60_000 * _SECOND
    traces = _long_traces(store, 12_000, 120, start)
    window = Window(start + 80 * _SECOND, start + 700 * _SECOND)
    monkeypatch.setattr(lookup, "MOST_CHECKED", 16)
    monkeypatch.setattr(newest, "MOST_CHECKED", 16)
    monkeypatch.setattr(newest, "_MOST_HITS", 24)
    ticks = iter(range(10_000))
    monkeypatch.setattr(lookup, "time", SimpleNamespace(monotonic=lambda: float(next(ticks))))
    found: list[str] = []
    cut = 0
    page = TracePage((), "", 0, 0)
    for _ in range(60):
        page = find_traces(store, window, limit=15, cursor=page.cursor, deadline_seconds=2)
        found += [each.trace_id for each in page.traces]
        cut += page.reached_ns > 0
        if not page.cursor:
            break

    assert found == [spans[0].trace_id.hex() for spans in reversed(traces[80:])]
    assert (page.reached_ns, page.cursor) == (0, "")
    assert cut > 1


def test_groups_of_filters_are_asked_by_name(store: Store) -> None:
    """``group.name`` stands for the expression of that group."""
    groups = {"bad": "fault OR error", "golden": 'annotation.tier = "gold" group.name = "bad"'}

    found = _all_pages(store, expression='group.name = "golden"', groups=groups)

    assert found == _expected('annotation.tier = "gold" (fault OR error)')


@pytest.mark.parametrize("by", ["url", "service", "status", "method", "user", "error", "annotation.tier"])
def test_groups_count_what_their_traces_share(store: Store, by: str) -> None:
    """Each group has its traces' outcomes and response times, exactly; several values count under each."""
    values: dict[str, list[Span]] = defaultdict(list)
    for spans in _TRACES.values():
        for value in _values(by, spans) or {""}:
            values[value].append(root_of(spans))

    found = {each.value: each for each in group_traces(store, _WINDOW, by=by).groups}

    assert found.keys() == values.keys()
    for value, roots in values.items():
        times = [each.end_ns - each.start_ns for each in roots]
        outcomes = [outcome(each) for each in roots]
        group = found[value]
        assert (group.count, group.average_ns, group.p50_ns) == (
            len(roots),
            sum(times) // len(roots),
            median_low(times),
        )
        assert group.share == pytest.approx(len(roots) / len(_TRACES))
        assert [group.ok, group.errors, group.throttles, group.faults] == [
            outcomes.count(each) for each in type(outcomes[0])
        ]


def _values(by: str, spans: Sequence[Span]) -> set[str]:
    root = root_of(spans)
    return {
        "url": {str(root.attributes["url.full"])},
        "service": {root.resource.service_name},
        "status": {str(root.attributes["http.response.status_code"])},
        "method": {"GET"},
        "user": {str(each.attributes["enduser.id"]) for each in spans if each.attributes.get("enduser.id")},
        "error": {str(event.attributes["exception.type"]) for each in spans for event in each.events},
        "annotation.tier": {str(each.attributes["tier"]) for each in spans if "tier" in each.attributes},
    }[by]


def test_what_is_beyond_the_limit_is_one_group(store: Store) -> None:
    """The last group holds all others, and nothing is left out."""
    groups = group_traces(store, _WINDOW, by="url", limit=2).groups

    assert [each.value for each in groups][2:] == [OTHER]
    assert sum(each.count for each in groups) == len(_TRACES)
    assert sum(each.share for each in groups) == pytest.approx(1)


def test_groups_are_of_the_traces_that_a_filter_asks_for(store: Store) -> None:
    """Shares are of what is asked for."""
    [group] = group_traces(store, _WINDOW, by="service", expression="fault").groups

    assert (group.value, group.count, group.share) == ("web", len(_expected("fault")), 1.0)


def test_groups_of_too_many_traces_are_of_the_newest_ones(store: Store) -> None:
    """Where a window holds more than can be counted in time, the answer says from when on traces are counted."""
    overview = group_traces(store, _WINDOW, by="service", deadline_seconds=1 / 8_000)  # for a hundred spans

    starts = [_begin(spans)[0] for spans in _TRACES.values()]
    counted = sum(each.count for each in overview.groups)
    assert _WINDOW.start_ns < overview.reached_ns < _WINDOW.end_ns
    assert counted == sum(start >= overview.reached_ns for start in starts)
    assert 0 < overview.scanned_spans <= 4 * len(starts)


def test_an_empty_window_has_no_traces_and_no_groups(store: Store) -> None:
    """Nothing is an answer."""
    window = Window(0, _SECOND)

    assert find_traces(store, window).traces == ()
    assert find_traces(store, window).cursor == ""
    assert group_traces(store, window, by="url").groups == ()


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ({"sort": "name"}, "sorted by time or duration"),
        ({"limit": 0}, "limit"),
        ({"limit": 1_001}, "limit"),
        ({"cursor": "nonsense"}, "no cursor"),
        ({"expression": "blah"}, "column 1"),
        ({"expression": 'group.name = "a"'}, "no group 'a'"),
        ({"expression": 'group.name = "a"', "groups": {"a": 'ok group.name = "a"'}}, "asks for itself"),
    ],
)
def test_a_question_that_cannot_be_read_is_refused(store: Store, question: dict[str, Any], what: str) -> None:
    """Errors say what is wrong with the question."""
    with pytest.raises(UsageError, match=what):
        find_traces(store, _WINDOW, **question)


def test_traces_are_not_grouped_by_anything(store: Store) -> None:
    """The error names what they are grouped by."""
    with pytest.raises(UsageError, match=r"url, service, .* annotation\.KEY"):
        group_traces(store, _WINDOW, by="colour")


def test_a_cursor_is_of_its_order(store: Store) -> None:
    """A cursor of another order is refused, since it would skip traces."""
    cursor = find_traces(store, _WINDOW, limit=3).cursor

    with pytest.raises(UsageError, match="sorted by time, not by duration"):
        find_traces(store, _WINDOW, sort="duration", cursor=cursor)


def test_nodes_of_a_summary_are_services(store: Store) -> None:
    """Services are named with what runs them."""
    assert find_traces(store, _WINDOW, limit=1).traces[0].nodes[0] == NodeKey("web", "AWS::ECS::Container")
