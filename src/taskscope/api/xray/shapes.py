"""Requests and answers by botocore's model of the service: what it does not have is refused, or a slip of ours."""

import math
import re
from collections.abc import Iterator
from datetime import UTC
from functools import cache
from typing import Any, Final

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.utils import parse_timestamp

from taskscope.api.xray.errors import AwsError
from taskscope.clock import SECOND, from_datetime

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}
_LONGEST_SHOWN: Final = 120
_LAST_SECOND: Final = 9_223_372_036


class ShapeError(Exception):
    """An answer does not fit its model: a mistake of the program."""


@cache
def operation_model(name: str) -> OperationModel:
    """Return botocore's model of an operation; the service's is read from disk at the first call (15 ms)."""
    return _service().operation_model(name)


@cache
def _service() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("xray", "service-2"), "xray")


def read_input(operation: str, document: dict[str, Any]) -> dict[str, Any]:
    """
    Return the parameters of a call: times in nanoseconds, members that the model does not have left out.

    Raises:
        AwsError: A value is not as the model wants it; the text names it.
    """
    shape = operation_model(operation).input_shape
    if shape is None:
        return {}
    if flaws := list(_flaws(shape, document, "")):
        plural = "s" if len(flaws) > 1 else ""
        raise AwsError(f"{len(flaws)} validation error{plural} detected: {'; '.join(flaws)}")
    found: dict[str, Any] = _read(shape, document)
    return found


def _flaws(shape: Any, value: Any, at: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "timestamp":
        if _instant(value) is None:
            yield _flaw(value, at, "be a time, in seconds since the epoch")
    elif not _has_type(kind, value):
        yield _flaw(value, at, f"be a {kind}")
    else:
        yield from _bounds(shape, value, at)
        yield from _flaws_inside(shape, value, at)


def _has_type(kind: str, value: object) -> bool:
    wanted = _TYPES.get(kind, (object,))
    return isinstance(value, wanted) and (not isinstance(value, bool) or bool in wanted)


def _flaws_inside(shape: Any, value: Any, at: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "structure":
        missing = (name for name in shape.required_members if value.get(name) is None)
        yield from (_flaw(None, f"{at}{name}", "not be null") for name in missing)
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _flaws(member, value[name], f"{at}{name}.")
    elif kind == "list":
        for number, item in enumerate(value, 1):
            yield from _flaws(shape.member, item, f"{at}{number}.member.")
    elif kind == "map":
        for key, item in value.items():
            yield from _flaws(shape.key, key, f"{at}key.")
            yield from _flaws(shape.value, item, f"{at}{key}.")


def _bounds(shape: Any, value: Any, at: str) -> Iterator[str]:
    size = len(value) if isinstance(value, str | list | dict) else value
    what = "length" if isinstance(value, str | list | dict) else "value"
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if isinstance(value, float) and not math.isfinite(value):
        yield _flaw(value, at, "be a number")
    elif least is not None and size < least:
        yield _flaw(value, at, f"have {what} greater than or equal to {least}")
    elif most is not None and size > most:
        yield _flaw(value, at, f"have {what} less than or equal to {most}")
    if isinstance(value, str):
        if shape.enum and value not in shape.enum:
            yield _flaw(value, at, f"satisfy enum value set: [{', '.join(shape.enum)}]")
        pattern = shape.metadata.get("pattern")
        if pattern and not re.fullmatch(pattern, value):
            yield _flaw(value, at, f"satisfy regular expression pattern: {pattern}")


def _flaw(value: object, at: str, constraint: str) -> str:
    shown = str(value)
    shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}..."
    name = at.rstrip(".") or "the request"
    told = "null" if value is None else f"'{shown}'"
    return f"Value {told} at '{name}' failed to satisfy constraint: Member must {constraint}"


def _read(shape: Any, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure":
        members = shape.members.items()
        return {name: _read(member, value[name]) for name, member in members if value.get(name) is not None}
    if kind == "list":
        return [_read(shape.member, each) for each in value]
    return _instant(value) if kind == "timestamp" else value


def _instant(value: Any) -> int | None:
    """Read seconds since the epoch, or one of the texts that AWS allows; None if it is neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return round(value * 1_000_000) * 1_000 if 0 <= value <= _LAST_SECOND else None
    try:
        moment = parse_timestamp(value)
        return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError, TypeError, RuntimeError):
        return None


def write_output(operation: str, document: dict[str, Any]) -> dict[str, Any]:
    """
    Return an answer as JSON has it: times, which are nanoseconds here, as seconds; None is left out.

    Raises:
        ShapeError: A member is not in the model, or of another type.
    """
    shape = operation_model(operation).output_shape
    if shape is None:
        return {}
    written: dict[str, Any] = _write(shape, document, operation)
    return written


def _write(shape: Any, value: Any, at: str) -> Any:
    kind = shape.type_name
    if kind == "timestamp":
        return value / SECOND
    if not _has_type(kind, value):
        raise ShapeError(f"{at}: {value!r} is no {kind}")
    if kind == "structure":
        if unknown := set(value) - set(shape.members):
            raise ShapeError(f"{at} has no {sorted(unknown)}")
        known = ((name, each) for name, each in value.items() if each is not None)
        return {name: _write(shape.members[name], each, f"{at}.{name}") for name, each in known}
    if kind == "list":
        return [_write(shape.member, each, f"{at}[]") for each in value]
    if kind == "map":
        return {name: _write(shape.value, each, f"{at}.{name}") for name, each in value.items()}
    return value
