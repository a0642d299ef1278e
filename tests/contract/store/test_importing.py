"""Imports into both engines: any split, any repetition, any order stores each row once."""

import json
import secrets
from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskscope.api.imports import Form
from taskscope.app.store.importing import Importer
from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Signal
from taskscope.model.window import Window
from taskscope.query.known import UID
from taskscope.sinks.store import StoreSink
from taskscope.store.engine import Store

_START: Final = 1_790_000_000
_FEW: Final = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
_Requests = list[list[int]]
_REQUESTS: Final = st.lists(st.lists(st.integers(0, 11), min_size=1, max_size=8), min_size=1, max_size=5)
"""What is in each request, by number: some twice, some never."""


@pytest.fixture
def importer(store: Store) -> Importer:
    """Give one."""
    return Importer(store, StoreSink(store))


def _document(salt: str, number: int) -> str:
    """Return a segment; each fourth one is in progress, and has the id of the one before it, which is not."""
    ended = number % 4 != 3
    name = number if ended else number - 1
    times = {"start_time": _START + name, **({"end_time": _START + name + 0.5} if ended else {"in_progress": True})}
    return json.dumps(
        {"name": "till", "id": f"{name + 1:016x}", "trace_id": f"1-{_START:08x}-{salt}{name // 4:08x}", **times}
    )


def _event(salt: str, number: int) -> dict[str, Any]:
    place = {"group": "/aws/lambda/till", "stream": "s", "id": f"{salt}-{number}"}
    return {**place, "time_ns": (_START + number // 3) * 10**9, "message": "sold\n"}


def _points(salt: str, numbers: Sequence[int]) -> bytes:
    points = [
        {
            "asInt": str(each),
            "timeUnixNano": str((_START + each // 4) * 10**9),
            "attributes": [_text("till", str(each))],
        }
        for each in numbers
    ]
    metrics = [{"name": f"sold.{salt}", "gauge": {"dataPoints": points}}]
    return _otlp("resourceMetrics", "scopeMetrics", {"metrics": metrics})


def _text(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


def _otlp(resources: str, scopes: str, items: dict[str, Any]) -> bytes:
    resource = {"attributes": [_text("service.name", "shop"), _text("zürich", "ü\0'")]}
    return json.dumps({resources: [{"resource": resource, scopes: [{"scope": {"name": "s"}, **items}]}]}).encode()


def _salt() -> str:
    return secrets.token_hex(8)


@_FEW
@given(requests=_REQUESTS)
def test_each_span_is_stored_once(store: Store, importer: Importer, requests: _Requests) -> None:
    """Those that have not ended are left out where the ended one is there."""
    salt = _salt()
    for numbers in requests:
        body = json.dumps([_document(salt, each) for each in numbers]).encode()
        receipt = importer.take(Signal.SPANS, Form.LIST, body)

        assert (receipt.stored + receipt.known, receipt.refused) == (len(numbers), 0)
    ended = sorted({each + 1 for numbers in requests for each in numbers if each % 4 != 3})
    asked = {"salt": f"{_START:08x}{salt}%"}
    rows = store.query(
        "SELECT lower(hex(SpanId)) FROM spans WHERE lower(hex(TraceId)) LIKE {salt:String} ORDER BY 1", asked
    ).rows
    assert [row[0] for row in rows] == [f"{each:016x}" for each in ended]
    running = {each for numbers in requests for each in numbers if each % 4 == 3}
    found = store.query(
        "SELECT lower(hex(SpanId)) FROM spans_in_progress FINAL WHERE lower(hex(TraceId)) LIKE {salt:String}", asked
    ).rows
    ids = [int(row[0], 16) for row in found]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= running
    assert running - set(ids) <= set(ended)


@_FEW
@given(requests=_REQUESTS)
def test_each_log_event_is_stored_once(store: Store, importer: Importer, requests: _Requests) -> None:
    """By its id: equal ones of one time are two."""
    salt = _salt()
    for numbers in requests:
        importer.take(Signal.LOGS, Form.LIST, json.dumps([_event(salt, each) for each in numbers]).encode())

    rows = store.query(
        f"SELECT LogAttributes['{UID}'] AS uid, Body FROM otel_logs WHERE startsWith(uid, {{salt:String}})",  # noqa: S608 (our own name)
        {"salt": salt},
    ).rows
    wanted = {each for numbers in requests for each in numbers}
    assert sorted(row[0] for row in rows) == sorted(f"{salt}-{each}" for each in wanted)
    assert {row[1] for row in rows} == {"sold"}


@_FEW
@given(requests=_REQUESTS)
def test_each_datapoint_is_stored_once(store: Store, importer: Importer, requests: _Requests) -> None:
    """By its series and time, as this program and the engine both compute it."""
    salt = _salt()
    for numbers in requests:
        importer.take(Signal.METRICS, Form.OTLP_JSON, _points(salt, numbers))

    rows = store.query(
        "SELECT Attributes['till'] FROM otel_metrics_gauge WHERE MetricName = {name:String}", {"name": f"sold.{salt}"}
    ).rows
    wanted = {each for numbers in requests for each in numbers}
    assert sorted(int(row[0]) for row in rows) == sorted(wanted)


def test_what_was_deleted_can_be_imported_again(store: Store, importer: Importer) -> None:
    """Although the store remembers the insert, and would drop it."""
    salt = _salt()
    body = json.dumps([_document(salt, each) for each in range(3)]).encode()
    importer.take(Signal.SPANS, Form.LIST, body)
    store.execute(f"ALTER TABLE `{store.database}`.spans DELETE WHERE 1", mutations_sync=2)

    receipt = importer.take(Signal.SPANS, Form.LIST, body)

    assert (receipt.stored, receipt.known) == (3, 0)
    assert importer.known([bytes.fromhex(f"{_START:08x}{salt}{0:08x}")], Window(0, 2**62)) == {
        f"{_START:08x}{salt}{0:08x}": 3
    }


def test_what_cannot_be_read_costs_only_itself(importer: Importer) -> None:
    """And is told of."""
    salt = _salt()
    documents = [_document(salt, 0), '{"id": "x"}', "{"]

    receipt = importer.take(Signal.SPANS, Form.LIST, json.dumps(documents).encode())

    assert (receipt.stored, receipt.refused) == (1, 2)
    assert all(receipt.reasons)
    with pytest.raises(MalformedPayloadError):
        importer.take(Signal.SPANS, Form.LIST, b"[")


def test_records_without_a_name_are_told_apart_by_what_they_say(importer: Importer, store: Store) -> None:
    """Equal ones in one body are two, and are known when the body comes again."""
    records = [{"timeUnixNano": str(_START * 10**9), "body": {"stringValue": text}} for text in ("a", "a", "b")]
    body = _otlp("resourceLogs", "scopeLogs", {"logRecords": records})

    first, second = (importer.take(Signal.LOGS, Form.OTLP_JSON, body) for _ in range(2))

    assert (first.stored, second.stored, second.known) == (3, 0, 3)
    rows = store.query("SELECT count(), uniqExact(Body) FROM otel_logs WHERE ScopeName = 's'").rows
    assert rows == [[3, 2]]
