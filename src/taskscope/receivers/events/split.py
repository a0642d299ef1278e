"""
Messages cut out of a request's body, by a walk over its JSON that reads no more than it must.

What may come: one EventBridge message, an array of them, one on each line; SNS's envelope around one, and SNS's
question whether to subscribe; an array of Lambda's Telemetry API, which stays whole.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, ValidationError
from msgspec.json import Decoder

from taskscope.errors import MalformedPayloadError


class _Peek(Struct):
    """The members that tell what a JSON object is; all others are passed over."""

    Type: Raw | UnsetType = UNSET
    TopicArn: Raw | UnsetType = UNSET
    Message: Raw | UnsetType = UNSET
    SubscribeURL: Raw | UnsetType = UNSET
    time: Raw | UnsetType = UNSET
    type: Raw | UnsetType = UNSET
    record: Raw | UnsetType = UNSET


_PEEK: Final = Decoder(_Peek)
_ARRAY: Final = Decoder(list[Raw])
_VALUE: Final = Decoder(Raw)
_TEXT: Final = Decoder(str)


class Split(NamedTuple):
    """What a body holds."""

    messages: Sequence[bytes]
    confirmation: str | None = None
    """The address that SNS asks to be called before it delivers."""


def split(body: bytes) -> Split:
    """
    Cut a body into messages, each the bytes of a JSON object as they came.

    Raises:
        MalformedPayloadError: It is no JSON, or nothing that AWS sends.
    """
    stripped = body.strip()
    if not stripped:
        raise MalformedPayloadError("the body is empty")
    try:
        return _split(stripped)
    except (DecodeError, UnicodeDecodeError) as error:
        raise MalformedPayloadError(f"the body is no JSON of messages: {error}") from None
    except RecursionError:
        raise MalformedPayloadError("the body is nested too deeply") from None


def _split(body: bytes) -> Split:
    if body.startswith(b"["):
        return Split(_array(body))
    try:
        peek = _PEEK.decode(body)
    except ValidationError:
        raise
    except DecodeError:
        return Split([_object(bytes(line)) for line in _VALUE.decode_lines(body)])
    if isinstance(peek.Type, Raw) and isinstance(peek.TopicArn, Raw):
        return _from_sns(_TEXT.decode(peek.Type), peek)
    return Split([body])


def _array(body: bytes) -> list[bytes]:
    elements = [bytes(each) for each in _ARRAY.decode(body)]
    if elements:
        first = _PEEK.decode(elements[0])
        if all(isinstance(each, Raw) for each in (first.time, first.type, first.record)):
            return [body]
    return [_object(each) for each in elements]


def _object(value: bytes) -> bytes:
    """Return the value; ValidationError if it is no object."""
    _PEEK.decode(value)
    return value


def _from_sns(kind: str, peek: _Peek) -> Split:
    """Open SNS's envelope: its ``Message`` is a string that holds the message's JSON."""
    if kind != "Notification":
        address = _TEXT.decode(peek.SubscribeURL) if isinstance(peek.SubscribeURL, Raw) else ""
        return Split([], confirmation=address)
    if not isinstance(peek.Message, Raw):
        raise MalformedPayloadError("the notification of SNS has no message")
    return Split([_object(_TEXT.decode(peek.Message).encode())])
