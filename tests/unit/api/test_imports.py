"""The routes that take telemetry of the past: what a body is, and what is refused."""

import asyncio
import json

import pytest

from taskscope.api.app import make_app
from taskscope.api.imports import Form
from taskscope.model.batch import Signal
from tests.unit.api.asgi import Answer, ask, ask_now
from tests.unit.api.parts import Importing, make_parts

_JSON = "application/json"
_PROTOBUF = "application/x-protobuf"


def _post(importing: Importing, signal: str, body: bytes, kind: str = _JSON) -> Answer:
    app = make_app(make_parts(importer=importing))
    return asyncio.run(ask(app, "POST", f"/api/import/{signal}", headers={"content-type": kind}, pieces=[body]))


@pytest.mark.parametrize(
    ("signal", "body", "kind", "form"),
    [
        ("spans", b' ["{}"]', _JSON, Form.LIST),
        ("logs", b"[]", _JSON, Form.LIST),
        ("spans", b'{"resourceSpans": []}', "application/json; charset=utf-8", Form.OTLP_JSON),
        ("logs", b'{"resource_logs": []}', _JSON, Form.OTLP_JSON),
        ("metrics", b'{"resourceMetrics": []}', _JSON, Form.OTLP_JSON),
        ("spans", b"\x0a", _PROTOBUF, Form.OTLP_PROTOBUF),
        ("metrics", b"\x0a", _PROTOBUF, Form.OTLP_PROTOBUF),
    ],
)
def test_a_body_is_taken_for_what_it_is(signal: str, body: bytes, kind: str, form: Form) -> None:
    """By its type, and its beginning."""
    importing = Importing()

    answer = _post(importing, signal, body, kind)

    assert (answer.status, answer.document["stored"]) == (200, 1)
    assert importing.taken == [(Signal(signal), form, body)]


@pytest.mark.parametrize(
    ("signal", "body", "kind", "status"),
    [
        ("spans", b"[]", "text/plain", 415),
        ("spans", b"{}", _JSON, 400),
        ("spans", b'{"resourceLogs": []}', _JSON, 400),
        ("metrics", b"[]", _JSON, 400),
        ("logs", b"", _JSON, 400),
        ("spans", b"[" + b" " * (16 << 20), _JSON, 413),
    ],
)
def test_what_cannot_be_an_import_is_refused(signal: str, body: bytes, kind: str, status: int) -> None:
    """Before anybody looks into it."""
    importing = Importing()

    assert _post(importing, signal, body, kind).status == status
    assert importing.taken == []


def test_known_traces_are_counted_in_both_spellings() -> None:
    """Of ids."""
    app = make_app(make_parts())
    trace = "6920aaaa000000000000000000000001"
    question = {"trace_ids": [trace, f"1-{trace[:8]}-{trace[8:]}"], "start_ns": 0}

    assert ask_now(app, "POST", "/api/import/known", question).document == {"traces": {trace: 2}}


@pytest.mark.parametrize(
    "question",
    [{}, {"trace_ids": "x"}, {"trace_ids": ["x"]}, {"trace_ids": [], "start_ns": -1}, {"trace_ids": [], "end_ns": 1.5}],
)
def test_a_question_that_is_none_is_refused(question: dict[str, object]) -> None:
    """It says what is wrong."""
    answer = ask_now(make_app(make_parts()), "POST", "/api/import/known", question)

    assert answer.status == 400
    assert json.dumps(answer.document["detail"])
