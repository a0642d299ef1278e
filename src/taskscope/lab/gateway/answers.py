"""Answers into HTTP: rest-json members go to status, headers and payload by the model, others to the body."""

import json
from datetime import UTC
from typing import Any, Final

from botocore.model import OperationModel

from taskscope.lab.gateway.encode import ModelError, dump
from taskscope.lab.gateway.http import HttpAnswer

_HTTP_DATE: Final = "%a, %d %b %Y %H:%M:%S GMT"


def encode(operation: OperationModel, answer: dict[str, Any]) -> HttpAnswer:
    """
    Encode the answer of an operation: rest-json members go to status, headers and payload as the model places them.

    Raises:
        ModelError: The answer does not fit the model.
    """
    shape: Any = operation.output_shape
    rest = operation.service_model.metadata["protocol"] == "rest-json"
    status = int(operation.http.get("responseCode", 200))
    media = "application/json" if rest else f"application/x-amz-json-{operation.service_model.metadata['jsonVersion']}"
    if shape is None:
        if answer:
            raise ModelError(f"{sorted(answer)}: {operation.name} answers nothing")
        return HttpAnswer(status, b"", {"content-type": media})
    if not rest:
        return HttpAnswer(status, _json(dump(shape, answer)), {"content-type": media})
    return _encode_rest(shape, answer, status)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _encode_rest(shape: Any, answer: dict[str, Any], status: int) -> HttpAnswer:
    headers = {"content-type": "application/json"}
    in_body: dict[str, Any] = {}
    for name, value in answer.items():
        member = shape.members.get(name)
        location = member.serialization.get("location") if member is not None and value is not None else None
        if location == "statusCode":
            status = int(value)
        elif location == "header":
            headers[member.serialization.get("name", name)] = _header_text(member, value, name)
        else:
            in_body[name] = value
    payload = shape.serialization.get("payload")
    if payload is None:
        return HttpAnswer(status, _json(dump(shape, in_body)), headers)
    dump(shape, in_body)
    return HttpAnswer(status, _payload(shape.members[payload], in_body.get(payload)), headers)


def _payload(member: Any, value: Any) -> bytes:
    if value is None:
        return b""
    if member.type_name == "blob":
        return bytes(value)
    return value.encode() if member.type_name == "string" else _json(dump(member, value))


def _header_text(member: Any, value: Any, name: str) -> str:
    try:
        plain = dump(member, value)
    except ModelError as error:
        raise error.inside(f".{name}") from None
    if member.type_name == "timestamp":
        return str(value.astimezone(UTC).strftime(_HTTP_DATE))
    return str(plain).lower() if isinstance(plain, bool) else str(plain)
