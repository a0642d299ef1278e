"""Exceptions of a cause to span events."""

import json
from typing import Any

import msgspec
import pytest

from taskscope.wire.xray.exceptions import decode_cause, encode_exceptions
from tests.unit.wire.xray.documents import NOW


def _decode(cause: object) -> tuple[str | None, list[Any], Any]:
    return decode_cause(msgspec.Raw(json.dumps(cause).encode()), NOW)


def test_id_of_an_exception_elsewhere_is_no_event() -> None:
    """A cause may be a pointer only."""
    assert _decode("fb43b91056ee3f64") == ("fb43b91056ee3f64", [], None)


def test_frames_that_read_back_from_the_text_are_kept_as_text_only() -> None:
    """A stack trace is stored once where that is enough."""
    stack = [{"path": "a.py", "line": 1, "label": "f"}, {"path": "b (c): d.py", "line": -2, "label": "<module>"}]
    _, [plain], _ = _decode({"exceptions": [{"type": "E", "message": "m", "stack": stack[:1]}]})
    _, [odd], _ = _decode({"exceptions": [{"type": "E", "message": "m", "stack": stack}]})

    assert plain.attributes["exception.stacktrace"] == "E: m\n\tat f(a.py: 1)"
    assert "aws.xray.exception.other" not in plain.attributes
    assert json.loads(odd.attributes["aws.xray.exception.other"]) == {"stack": stack}
    assert [json.loads(msgspec.json.encode(each)) for each in encode_exceptions([plain, odd])] == [
        {"type": "E", "message": "m", "stack": stack[:1]},
        {"type": "E", "message": "m", "stack": stack},
    ]


@pytest.mark.parametrize("cause", [{}, [], 7, {"exceptions": []}, {"exceptions": [7]}, {"exceptions": {}}])
def test_cause_without_an_exception_is_kept_as_text(cause: object) -> None:
    """What is no exception is nobody's event."""
    told, events, rest = _decode(cause)

    assert (told, events) == (None, [])
    assert json.loads(msgspec.json.encode(rest)) == cause
