"""Search in log records of a real store: filters, and pages that bring each record exactly once."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskscope.errors import UsageError
from taskscope.model.log import LogRecord
from taskscope.model.log_line import LogLine
from taskscope.model.window import Window
from taskscope.query.logs.context import find_line, log_context
from taskscope.query.logs.groups import list_groups
from taskscope.query.logs.histogram import log_histogram
from taskscope.query.logs.search import search_logs
from taskscope.store.engine import Store
from tests.contract.logs.conftest import Put, insert
from tests.contract.logs.records import HOUR, MINUTES, PLAIN, SECOND, START, TASK, WEB, record

TRACE = bytes.fromhex("5759e988bd862e3fe1be46a994272793")


def bodies(store: Store, **filters: str) -> list[str]:
    """Return the bodies that a search finds, oldest first."""
    page = search_logs(store, HOUR, newest_first=False, **filters)  # type: ignore[arg-type]
    assert page.cursor == ""
    return [line.body for line in page.lines]


@pytest.fixture
def shop(empty: Store, put: Put) -> Store:
    """Give a store with some records of two services."""
    put(
        [
            record("Order 7 taken", 1, resource=WEB, level=9, attributes={"user": "Zoë", "took": 12}),
            record("order 8 FAILED: card declined", 2, resource=WEB, level=17, trace_id=TRACE, span_id=b"\1" * 8),
            record("GET /health 200", 3, level=5),
            record("slow: trace 1-5759e988-bd862e3fe1be46a994272793", 4, severity_text="Warning"),
            record({"level": "fatal", "n": 5}, 5, level=21),
            record("no level at all", 6),
        ]
    )
    return empty


def test_numbered_lines_of_one_time_stay_in_order(empty: Store, put: Put) -> None:
    """A stack trace has one time: CloudWatch's ids count its lines, over pages and in both directions."""
    first = 31953106606966983378809025079804211143289615424298221568
    lines = [record(f"frame {at}", 1, resource=WEB, attributes={"log.record.uid": str(first + at)}) for at in range(40)]
    put([*lines[20:], *reversed(lines[:20])])
    found: list[str] = []
    cursor = ""
    while True:
        page = search_logs(empty, HOUR, newest_first=False, limit=7, cursor=cursor)
        found += [line.body for line in page.lines]
        if not (cursor := page.cursor):
            break
    newest = search_logs(empty, HOUR, newest_first=True, limit=100)
    middle = log_context(empty, newest.lines[20].cursor, before=3, after=3)

    assert found == [f"frame {at}" for at in range(40)]
    assert [line.body for line in reversed(newest.lines)] == found
    assert [line.body for line in middle.lines] == found[16:23]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["Order", "order", "GET", "slow:", "{", "no"]),
        ({"text": "ORDER taken"}, ["Order"]),
        ({"text": '"8 failed"'}, ["order"]),
        ({"text": "zoË"}, ["Order"]),
        ({"text": "?"}, []),
        ({"pattern": "order -declined"}, []),
        ({"pattern": "?Order ?order"}, ["Order", "order"]),
        ({"pattern": '"GET /health"'}, ["GET"]),
        ({"pattern": "%[0-9]{3}$%"}, ["GET", "slow:"]),
        ({"pattern": "[method, path = /h*, status = 2*]"}, ["GET"]),
        ({"pattern": "{ $.n = 5 }"}, ["{"]),
        ({"pattern": '{ $.took > 11 && $.user = "Z*" }'}, ["Order"]),
        ({"service": "web"}, ["Order", "order"]),
        ({"group": "/ecs/web"}, ["Order", "order"]),
        ({"group": "/ecs/*,nothing"}, ["Order", "order"]),
        ({"group": "worker"}, ["GET", "slow:", "{", "no"]),
        ({"stream": "web/web/*"}, ["Order", "order"]),
        ({"task": TASK}, ["Order", "order"]),
        ({"task": "0123456789ab"}, ["Order", "order"]),
        ({"container": "web,other"}, ["Order", "order"]),
        ({"severity": "warn+"}, ["order", "slow:", "{"]),
        ({"severity": "debug,info"}, ["Order", "GET"]),
        ({"severity": "none"}, ["no"]),
        ({"trace_id": TRACE.hex()}, ["order", "slow:"]),
        ({"trace_id": "1-5759e988-bd862e3fe1be46a994272793"}, ["order", "slow:"]),
        ({"service": "web", "severity": "error", "text": "card"}, ["order"]),
    ],
)
def test_every_filter_that_is_named_has_to_hold(shop: Store, filters: dict[str, str], found: list[str]) -> None:
    """Bodies are told by how they begin."""
    assert [
        (body.split() or [""])[0][: len(begin)] for body, begin in zip(bodies(shop, **filters), found, strict=True)
    ] == found


def test_a_text_names_a_trace_near_what_is_known_of_it(empty: Store, put: Put) -> None:
    """What its id finds by an index says where texts are read; where that finds nothing, all are."""
    xray = "1-5759e988-bd862e3fe1be46a994272793"
    texts = [record(f"{name} {xray}", at) for name, at in (("long before", 0), ("near", 1_300), ("long after", 3_500))]
    put(texts)
    assert [each.split(" 1-")[0] for each in bodies(empty, trace_id=xray)] == ["long before", "near", "long after"]
    put([record("its own", 2_000, trace_id=TRACE)])
    assert [each.split(" 1-")[0] for each in bodies(empty, trace_id=xray)] == ["near", "its own"]
    assert sum(sum(each.counts.values()) for each in log_histogram(empty, HOUR, trace_id=xray)) == 2


def test_a_line_says_where_it_is_from(shop: Store) -> None:
    """Group, stream, task and container come from the resource, the level from number or word."""
    page = search_logs(shop, HOUR, service="web", newest_first=False)
    line = page.lines[0]
    assert (line.time_ns, line.group, line.stream, line.task_arn, line.container, line.severity) == (
        START + SECOND, "/ecs/web", "web/web/0123456789abcdef0123456789abcdef", TASK, "web", "info",
    )  # fmt: skip
    assert line.attributes == {"user": "Zoë", "took": "12"}
    assert page.lines[1].trace_id == TRACE.hex()
    assert line.ingested_ns > START - 10**18


@pytest.mark.parametrize(
    "filters",
    [
        {"severity": "loud"},
        {"severity": "none+"},
        {"trace_id": "xyz"},
        {"pattern": "{ $.a }"},
        {"cursor": "7"},
        {"limit": 0},
    ],
)
def test_what_cannot_be_read_is_refused(empty: Store, filters: dict[str, str]) -> None:
    """The error names what is wrong."""
    with pytest.raises(UsageError):
        search_logs(empty, HOUR, **filters)  # type: ignore[arg-type]


def test_quotes_in_values_stay_values(shop: Store) -> None:
    """Values are bound, never written into the SQL."""
    for text in ("'", "\\", "?", "{v0:String}", "') OR 1=1 --", "%", "\x00"):
        assert bodies(shop, service=text, group=text, stream=text, task=text, container=text) == []
        assert bodies(shop, text=f'"{text}x"') == []


moments = st.integers(0, 4).map(lambda step: [0, 1, 59, 3_000, 3_599][step] * SECOND + START)
texts = st.sampled_from(["a", "b", "c"])


def as_record(row: tuple[int, str]) -> LogRecord:
    """Return a record of a time and a body."""
    return LogRecord(row[0], row[1], {}, PLAIN)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.lists(st.tuples(moments, texts), max_size=40),
    meanwhile=st.lists(st.lists(st.tuples(moments, texts), max_size=5), max_size=4),
    limits=st.lists(st.integers(1, 7), min_size=1, max_size=6),
    newest_first=st.booleans(),
)
def test_pages_bring_what_was_there_exactly_once(
    store: Store,
    first: list[tuple[int, str]],
    meanwhile: list[list[tuple[int, str]]],
    limits: list[int],
    newest_first: bool,  # noqa: FBT001 (hypothesis passes by name)
) -> None:
    """Whatever the sizes of pages, equal times, equal records, and what is stored between two pages."""
    store.execute(f"TRUNCATE TABLE `{store.database}`.otel_logs")
    if first:
        insert(store, "otel_logs", [as_record(each) for each in first])
    read: list[LogLine] = []
    cursor, pages = "", 0
    while pages == 0 or cursor:
        page = search_logs(store, HOUR, limit=limits[pages % len(limits)], cursor=cursor, newest_first=newest_first)
        assert len(page.lines) <= limits[pages % len(limits)]
        read += page.lines
        cursor, pages = page.cursor, pages + 1
        if meanwhile and (rows := meanwhile.pop()):
            insert(store, "otel_logs", [as_record(each) for each in rows])

    times = [line.time_ns for line in read]
    assert times == sorted(times, reverse=newest_first)
    assert len({line.cursor for line in read}) == len(read)
    found = Counter((line.time_ns, line.body) for line in read)
    there = Counter(search_all(store))
    assert found >= Counter(first)
    assert found <= there


def search_all(store: Store) -> list[tuple[int, str]]:
    """Return time and body of every record, by plain SQL."""
    rows = store.query("SELECT toUnixTimestamp64Nano(Timestamp), Body FROM otel_logs").rows
    return [(time, body) for time, body in rows]


def test_a_search_that_takes_long_goes_on_where_it_stopped(empty: Store, put: Put) -> None:
    """Past its deadline a page ends after a slice of time, with a cursor."""
    put([record(f"line {number}", number * 600) for number in range(6)])
    for newest_first in (True, False):
        found: list[str] = []
        cursor, pages = "", 0
        while pages == 0 or cursor:
            page = search_logs(empty, HOUR, cursor=cursor, newest_first=newest_first, deadline_seconds=0)
            found += [line.body for line in page.lines]
            cursor, pages = page.cursor, pages + 1
        assert sorted(found) == [f"line {number}" for number in range(6)]
        assert pages > 2


def test_context_is_of_the_same_log(empty: Store, put: Put) -> None:
    """Lines of other services are left out; equal lines all are there, the line in their middle."""
    put([record(f"w{number}", number, resource=WEB) for number in range(5)])
    put([record("other", number) for number in range(5)])
    put([record("same", 2.5, resource=WEB)] * 3)
    lines = search_logs(empty, HOUR, text="same").lines

    pages = [log_context(empty, line.cursor, before=4, after=3) for line in lines]

    assert [[line.body for line in page.lines] for page in pages] == [
        ["w1", "w2", "same", "same", "same", "w3", "w4"],
        ["w0", "w1", "w2", "same", "same", "same", "w3", "w4"],
        ["w0", "w1", "w2", "same", "same", "same", "w3"],
    ]
    assert find_line(empty, lines[0].cursor).body == "same"


def test_histogram_counts_by_step_and_level(shop: Store) -> None:
    """Steps without records are left out; patterns that are tried record by record count alike."""
    bins = log_histogram(shop, MINUTES, step_ns=2 * SECOND)
    assert [(each.start_ns - START, each.counts) for each in bins] == [
        (0, {"info": 1}),
        (2 * SECOND, {"error": 1, "debug": 1}),
        (4 * SECOND, {"fatal": 1, "warn": 1}),
        (6 * SECOND, {"": 1}),
    ]
    assert log_histogram(shop, HOUR, step_ns=60 * SECOND, pattern="{ $.n = 5 }")[0].counts == {"fatal": 1}
    assert sum(log_histogram(shop, HOUR)[0].counts.values()) == 6
    with pytest.raises(UsageError):
        log_histogram(shop, MINUTES, step_ns=1)


def test_groups_and_streams_that_wrote(shop: Store) -> None:
    """The newest come first."""
    groups = list_groups(shop, HOUR)
    assert [(each.group, each.stream, each.lines, each.first_ns - START, each.last_ns - START) for each in groups] == [
        ("worker", "", 4, 3 * SECOND, 6 * SECOND),
        ("/ecs/web", "web/web/0123456789abcdef0123456789abcdef", 2, SECOND, 2 * SECOND),
    ]
    assert list_groups(shop, Window(START + 3 * SECOND, START + 4 * SECOND))[0].lines == 1
