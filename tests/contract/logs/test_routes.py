"""The routes of log records, over a real store."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import urlencode

import pytest

from taskscope.api.app import make_app
from taskscope.api.log_tail import Tails
from taskscope.api.workers import Workers
from taskscope.errors import TaskscopeError, ThrottledError
from taskscope.model.document import from_document
from taskscope.model.log_line import LogPage
from taskscope.model.span import Span, SpanKind
from taskscope.query.logs.tail import Tail
from taskscope.store.engine import Store
from tests.contract.logs.conftest import Put, insert
from tests.contract.logs.records import START, WEB, record
from tests.unit.api.asgi import Answer, ask, ask_now
from tests.unit.api.parts import make_parts

TRACE = bytes.fromhex("5759e988bd862e3fe1be46a994272793")
TIMES: Mapping[str, object] = {"start": START, "end": START + 10**12}
Ask: TypeAlias = Callable[..., Answer]


@pytest.fixture
def get(empty: Store, put: Put) -> Ask:
    """Give ``get(path, **parameters)`` of an API over a few records."""
    put([record(f"line {number}", number, resource=WEB, level=9 + 4 * (number % 3)) for number in range(6)])
    put([record("traced", 7, trace_id=TRACE)])
    app = make_app(make_parts(reader=empty))
    return lambda path, **given: ask_now(app, "GET", f"{path}?{urlencode(given)}")


def test_search_pages_by_cursor(get: Ask) -> None:
    """Every record once, the newest first."""
    found: list[str] = []
    cursor = ""
    for _ in range(4):
        page = from_document(LogPage, get("/api/logs", **TIMES, limit=2, cursor=cursor).document)
        found += [line.body for line in page.lines]
        cursor = page.cursor
    assert found == ["traced", *(f"line {number}" for number in reversed(range(6)))]
    assert cursor == ""


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"text": "LINE 3"}, ["line 3"]),
        ({"severity": "error", "order": "oldest"}, ["line 2", "line 5"]),
        ({"trace": TRACE.hex()}, ["traced"]),
        ({"group": "/ecs/*", "pattern": "%[01]$%", "order": "oldest"}, ["line 0", "line 1"]),
    ],
)
def test_filters_are_parameters(get: Ask, given: Mapping[str, str], found: list[str]) -> None:
    """By the names that the OpenAPI document says."""
    assert [line["body"] for line in get("/api/logs", **TIMES, **given).document["lines"]] == found


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/api/logs", {"cursor": "x"}),
        ("/api/logs", {"severity": "loud"}),
        ("/api/logs", {"pattern": "{"}),
        ("/api/logs", {"limit": "0"}),
        ("/api/logs", {"colour": "red"}),
        ("/api/logs/histogram", {"step": "1x"}),
        ("/api/logs/tail", {"cursor": "x"}),
    ],
)
def test_what_cannot_be_read_is_a_problem(get: Ask, path: str, given: Mapping[str, str]) -> None:
    """400, and what is wrong."""
    answer = get(path, **given)
    assert answer.status == 400
    assert answer.document["detail"]


def test_context_traces_histogram_and_groups(get: Ask) -> None:
    """What surrounds a record, what it belongs to, and how many there are."""
    [line] = get("/api/logs", **TIMES, text="3").document["lines"]
    around = get("/api/logs/context", cursor=line["cursor"], before=1, after=2).document["lines"]
    assert [each["body"] for each in around] == ["line 2", "line 3", "line 4", "line 5"]
    [traced] = get("/api/logs", **TIMES, text="traced").document["lines"]
    assert get("/api/logs/trace", cursor=traced["cursor"]).document == [
        {"trace_id": TRACE.hex(), "because": "trace", "confidence": 1.0}
    ]
    assert get("/api/logs/trace", cursor="1.0000000000000000.1").status == 404
    [bar] = get("/api/logs/histogram", **TIMES, step="1h").document
    assert bar == {"start_ns": START, "counts": {"": 1, "info": 2, "warn": 2, "error": 2}}
    assert [each["group"] for each in get("/api/logs/groups", **TIMES).document] == ["worker", "/ecs/web"]


def test_logs_of_a_trace_and_of_a_span(empty: Store, put: Put) -> None:
    """In both spellings of the id; a trace or span that is not there is 404."""
    span = Span(TRACE, b"\1" * 8, b"", "GET /", SpanKind.SERVER, START, START + 10**9, {}, WEB)
    insert(empty, "spans", [span])
    put([record("its own", 0.5, trace_id=TRACE, span_id=b"\1" * 8), record("the trace's", 100, trace_id=TRACE)])
    app = make_app(make_parts(reader=empty))

    def asked(path: str) -> Any:
        answer = ask_now(app, "GET", path)
        return [(each["line"]["body"], each["because"]) for each in answer.document.get("logs", [])] or answer.status

    assert asked("/api/traces/1-5759e988-bd862e3fe1be46a994272793/logs") == [
        ("its own", "span"),
        ("the trace's", "trace"),
    ]
    assert asked(f"/api/traces/{TRACE.hex()}/logs?span={'01' * 8}") == [("its own", "span")]
    assert asked(f"/api/traces/{TRACE.hex()}/logs?span={'02' * 8}") == 404
    assert asked(f"/api/traces/{'0a' * 16}/logs") == 404
    assert asked("/api/traces/xyz/logs") == 400


def read_events(chunks: list[bytes]) -> list[dict[str, str]]:
    """Read server-sent events: members of each."""
    blocks = b"".join(chunks).decode().split("\n\n")
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks if block]


async def take(tail: Tail, count: int, tails: Tails) -> list[dict[str, str]]:
    """Follow until so many records have come."""
    chunks: list[bytes] = []
    events = tails.follow(tail, Workers(1, "tail"))
    async with asyncio.timeout(10):
        async for chunk in events:
            chunks.append(chunk)
            if b"".join(chunks).count(b"event: log") >= count:
                break
    await events.aclose()  # type: ignore[attr-defined]  # it is a generator
    return [each for each in read_events(chunks) if each.get("event") == "log"]


def test_tail_tells_what_comes_and_goes_on(empty: Store, put: Put) -> None:
    """Events have a record each; a tail that is resumed by the last id misses nothing."""
    since = int(time.time())
    put([record("one", -5_000), record("two", 5)])
    first = asyncio.run(take(Tail(empty, since, {}), 2, Tails()))
    put([record("three", 1)])
    again = asyncio.run(take(Tail(empty, int(first[-1]["id"]), {}), 3, Tails()))

    told = {json.loads(each["data"])["cursor"]: json.loads(each["data"])["body"] for each in first + again}
    assert sorted(told.values()) == ["one", "three", "two"]


def test_tails_and_questions_do_not_wait_for_each_other(empty: Store, put: Put) -> None:
    """While no question gets through, a tail goes on; it takes no place among the questions either."""
    parts = replace(make_parts(reader=empty, now=time.time_ns()), workers=_Full())
    put([record("told", 0)])

    async def run() -> Answer:
        threading.Timer(2, parts.tails.close).start()
        return await ask(make_app(parts), "GET", "/api/logs/tail?since=-1m")

    assert b'"body":"told"' in asyncio.run(run()).document


class _Full(Workers):
    """There is no place left."""

    def __init__(self) -> None:
        super().__init__(1, "full")

    async def call(self, function: Callable[[], Any]) -> Any:
        raise ThrottledError(f"no place for {function}")


def test_tails_end_with_the_server_and_are_few() -> None:
    """A stop ends them; none begins after it; there are never more than 32."""

    async def run() -> None:
        tails, workers = Tails(), Workers(1, "tail")
        bodies = [tails.follow(_quiet(), workers) for _ in range(32)]
        for each in bodies:
            await anext(each)
        with pytest.raises(ThrottledError):
            tails.follow(_quiet(), workers)
        tails.close()
        async with asyncio.timeout(5):
            for each in bodies:
                assert [chunk async for chunk in each] == []
        with pytest.raises(ThrottledError):
            tails.follow(_quiet(), workers)

    asyncio.run(run())


class _Quiet(Tail):
    """Nothing comes; or a failure does."""

    def __init__(self, failure: TaskscopeError | None = None) -> None:
        self._failure = failure
        self._since = 7

    def poll(self) -> Any:
        if self._failure is not None:
            raise self._failure
        return iter(())


def _quiet(failure: TaskscopeError | None = None) -> Tail:
    return _Quiet(failure)


def test_a_failing_store_ends_a_tail_with_the_reason() -> None:
    """The one who follows asks again by itself."""

    async def run() -> list[bytes]:
        return [chunk async for chunk in Tails().follow(_quiet(TaskscopeError("it is away")), Workers(1, "tail"))]

    assert read_events(asyncio.run(run()))[-1] == {"event": "problem", "data": '{"detail":"it is away","hint":null}'}
