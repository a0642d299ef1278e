"""Batches cut into export requests: rows are encoded, bodies joined, up to the size that a receiver takes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Batch, EncodedBatch, Row, Signal
from taskscope.model.span import Span
from taskscope.wire.otlp.count import count_rows
from taskscope.wire.otlp.logs import encode_logs
from taskscope.wire.otlp.metrics import encode_metrics
from taskscope.wire.otlp.traces import encode_traces

REQUEST_ROWS: Final = 10_000
"""Rows of a request, as AWS's endpoint for traces has it."""

_ENCODE: Final[Mapping[Signal, Callable[[Any], bytes]]] = {
    Signal.SPANS: encode_traces,
    Signal.LOGS: encode_logs,
    Signal.METRICS: encode_metrics,
}


class Item(NamedTuple):
    """A row or a body, and its place in the batch."""

    position: int
    content: Row | bytes
    rows: int


class Part(NamedTuple):
    """What becomes one export request."""

    items: Sequence[Item]
    body: bytes


def items_of(batch: Batch | EncodedBatch) -> list[Item]:
    """
    Return the rows or the bodies of a batch; a body that cannot be counted stands for one row.

    Spans in progress are left out: OTLP has no place for them, and the complete span follows.
    """
    if isinstance(batch, Batch):
        rows = enumerate(batch.rows)
        return [Item(at, row, 1) for at, row in rows if not (isinstance(row, Span) and row.in_progress)]
    return [Item(at, body, _rows(batch.signal, body)) for at, body in enumerate(batch.bodies)]


def _rows(signal: Signal, body: bytes) -> int:
    try:
        return count_rows(signal, body)
    except MalformedPayloadError:
        return 1


def cut(signal: Signal, items: Sequence[Item], most_bytes: int) -> Iterator[Part]:
    """
    Yield parts of at most ``most_bytes`` each.

    An item that is larger makes a part of its own, and so does a row that cannot be written, with an empty body.
    """
    for group in _groups(items, most_bytes):
        yield from _fitting(signal, group, most_bytes)


def _groups(items: Sequence[Item], most_bytes: int) -> Iterator[list[Item]]:
    """Divide by what is known before encoding: numbers of rows, and the sizes of bodies."""
    held: list[Item] = []
    rows = size = 0
    for item in items:
        item_bytes = len(item.content) if isinstance(item.content, bytes) else 0
        if held and (rows + item.rows > REQUEST_ROWS or size + item_bytes > most_bytes):
            yield held
            held, rows, size = [], 0, 0
        held.append(item)
        rows += item.rows
        size += item_bytes
    if held:
        yield held


def _fitting(signal: Signal, items: Sequence[Item], most_bytes: int) -> Iterator[Part]:
    try:
        body = write(signal, items)
    except MalformedPayloadError:
        body = b""
    if len(items) == 1 or (body and len(body) <= most_bytes):
        yield Part(items, body)
        return
    half = len(items) // 2
    yield from _fitting(signal, items[:half], most_bytes)
    yield from _fitting(signal, items[half:], most_bytes)


def write(signal: Signal, items: Sequence[Item]) -> bytes:
    """
    Return one export request of items of a kind.

    Bodies are joined as they are: Protobuf reads messages one behind the other as one, with their lists joined.

    Raises:
        MalformedPayloadError: A row cannot be written as OTLP: a number does not fit, a text is not Unicode.
    """
    if isinstance(items[0].content, bytes):
        return b"".join(item.content for item in items if isinstance(item.content, bytes))
    try:
        return _ENCODE[signal]([item.content for item in items])
    except (ValueError, TypeError) as error:
        raise MalformedPayloadError(f"cannot be written as OTLP: {error}") from error
