"""Requests into parameters, by the operation's input shape, then checked by botocore and by ``constraints``."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn

from botocore.model import OperationModel, Shape
from botocore.utils import parse_timestamp
from botocore.validate import ParamValidator

from taskscope.lab.gateway.constraints import violations
from taskscope.lab.gateway.http import Request
from taskscope.lab.gateway.service import ApiError, Document

_BAD_INPUT: Final = {
    "ecs": "InvalidParameterException",
    "logs": "InvalidParameterException",
    "xray": "InvalidRequestException",
    "lambda": "InvalidParameterValueException",
}
"""How each service calls input that its model does not allow; the others say ``ValidationException``."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBERS: Final = frozenset({"integer", "long", "float", "double"})
_SURROGATE: Final = re.compile(rb"\\ud[89a-f]", re.IGNORECASE)
_BODY_LOCATIONS: Final = frozenset({"uri", "querystring", "header", "headers"})


def decode(operation: OperationModel, request: Request, path_params: Mapping[str, str], body: bytes) -> Document:
    """
    Return the parameters of a call under the names of the model.

    Members that the model does not have are dropped, as AWS drops them; a null is a member that is not there.

    Raises:
        ApiError: ``SerializationException`` for a body that cannot be read, else the service's code for bad input.
    """
    shape = operation.input_shape
    if shape is None:
        return {}
    params = _decode_rest(shape, request, path_params, body) if _is_rest(operation) else _decode_body(shape, body)
    _validate(operation, shape, params)
    return params


def _is_rest(operation: OperationModel) -> bool:
    return str(operation.service_model.metadata["protocol"]).startswith("rest-")


def _validate(operation: OperationModel, shape: Shape, params: Document) -> None:
    report = ParamValidator().validate(params, shape)
    problems = [report.generate_report()] if report.has_errors() else violations(shape, params)
    if problems:
        code = _BAD_INPUT.get(operation.service_model.service_name, "ValidationException")
        raise ApiError(code, "; ".join(problems))


def _decode_body(shape: Shape, body: bytes) -> Document:
    document = _load_json(body) if body.strip() else {}
    if not isinstance(document, dict):
        _unreadable("the body is no JSON object")
    try:
        decoded: Document = from_json(shape, document)
    except RecursionError:
        _unreadable("the body is nested too deeply")
    return decoded


def _load_json(body: bytes) -> Any:
    try:
        document = json.loads(body, parse_constant=_no_constant)
        if _SURROGATE.search(body):
            json.dumps(document, ensure_ascii=False).encode()
    except UnicodeError:
        _unreadable("the body holds text that is no Unicode")
    except (ValueError, RecursionError) as error:
        _unreadable(f"the body is no JSON: {error}")
    return document


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _unreadable(why: str) -> NoReturn:
    raise ApiError("SerializationException", why)


def from_json(shape: Any, value: Any) -> Any:
    """
    Turn a JSON value into what botocore's model calls it; a value of the wrong type stays, for the validator to name.

    Raises:
        ApiError: ``SerializationException``, a blob or timestamp that does not read as one.
    """
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict) and not shape.is_document_type:
        found = ((name, m, value.get(m.serialization.get("name", name))) for name, m in shape.members.items())
        return {name: from_json(member, item) for name, member, item in found if item is not None}
    if kind == "list" and isinstance(value, list):
        return [from_json(shape.member, item) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: from_json(shape.value, item) for key, item in value.items()}
    if kind == "blob" and isinstance(value, str):
        return _blob(value)
    if kind == "timestamp":
        return _timestamp(value)
    if isinstance(value, bool) and kind in _NUMBERS:
        _unreadable(f"{value} is no {kind}")  # botocore's validator takes it for 1 or 0
    return value


def _blob(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        _unreadable("a blob is no base64")


def _timestamp(value: Any) -> datetime:
    """Read epoch seconds, exact to the microsecond, or one of the texts that AWS allows."""
    try:
        if isinstance(value, int | float):
            return _EPOCH + timedelta(microseconds=round(value * 1_000_000))
        moment: datetime = parse_timestamp(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, RuntimeError):
        _unreadable(f"{str(value)[:80]!r} is no timestamp")


def _decode_rest(shape: Any, request: Request, path_params: Mapping[str, str], body: bytes) -> Document:
    """Collect the members of a rest-json call from path, query, headers and body."""
    params: Document = {}
    for name, member in shape.members.items():
        wire = member.serialization.get("name", name)
        texts = _located(member.serialization.get("location"), wire, request, path_params)
        if texts:
            params[name] = _from_texts(member, texts)
    payload = shape.serialization.get("payload")
    if payload is None:
        in_body = [name for name, m in shape.members.items() if m.serialization.get("location") not in _BODY_LOCATIONS]
        if in_body:
            decoded = _decode_body(shape, body)
            params |= {name: decoded[name] for name in in_body if name in decoded}
    elif body:
        params[payload] = _from_payload(shape.members[payload], body)
    return params


def _located(location: str | None, wire: str, request: Request, path_params: Mapping[str, str]) -> list[str]:
    if location == "uri":
        return [path_params[wire]] if wire in path_params else []
    if location == "querystring":
        return request.query.get(wire, [])
    if location == "header":
        text = request.headers.get(wire.lower())
        return [] if text is None else [text]
    return []


def _from_payload(member: Any, body: bytes) -> Any:
    if member.type_name == "blob":
        return body
    if member.type_name == "string":
        return body.decode("utf-8", "replace")
    return _decode_body(member, body)


def _from_texts(member: Any, texts: list[str]) -> Any:
    """Turn the text of a path, query or header into the member's type."""
    kind = member.type_name
    if kind == "list":
        return [_from_texts(member.member, [text]) for text in texts]
    text = texts[0]
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
    except ValueError:
        return text
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return _timestamp(text) if kind == "timestamp" else text
