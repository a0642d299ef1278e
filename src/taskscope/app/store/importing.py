"""Imports: telemetry of the past, decoded, compared with what the store has, and stored before the answer."""

import hashlib
import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from taskscope.api.imports import Form
from taskscope.clock import Clock, system_clock
from taskscope.errors import UnavailableError
from taskscope.model.batch import Batch, Row, Signal
from taskscope.model.imported import ImportedTrace, ImportReceipt
from taskscope.model.log import LogRecord
from taskscope.model.span import Span
from taskscope.model.window import Window
from taskscope.query import known
from taskscope.sinks.api import Sink
from taskscope.store.api import Reader
from taskscope.wire.log_events import decode_events
from taskscope.wire.otlp.json_logs import decode_logs_json
from taskscope.wire.otlp.json_metrics import decode_metrics_json
from taskscope.wire.otlp.json_traces import decode_traces_json
from taskscope.wire.otlp.logs import decode_logs
from taskscope.wire.otlp.metrics import decode_metrics
from taskscope.wire.otlp.traces import decode_traces
from taskscope.wire.xray.decode import decode_documents

_MOST_REASONS: Final = 10


class _Decoded(NamedTuple):
    rows: Sequence[Row]
    flaws: Sequence[str]
    """Why others make no row."""


class Importer:
    """
    Puts into the store what it does not have; ``api.imports.Importer``.

    What is there is asked before each insert, and one request is worked on at a time: so any repetition of any part, in
    any order, stores each row once. An insert's token is made of the body and of the rows that were chosen of it. The
    store drops an insert whose token it remembers, also where its rows were deleted since: so it is looked whether the
    rows are there, and if not, they are inserted under another name.
    """

    def __init__(self, reader: Reader, sink: Sink, *, clock: Clock = system_clock) -> None:
        """Take the store, to ask and to fill."""
        self._reader = reader
        self._sink = sink
        self._clock = clock
        self._lock = threading.Lock()

    def known(self, traces: Sequence[bytes], window: Window) -> Mapping[str, int]:
        """Return of which traces there are spans that began in a window, and how many."""
        return known.count_known(self._reader, traces, window)

    def take(self, signal: Signal, form: Form, body: bytes) -> ImportReceipt:
        """
        Store the rows of a body that are not there yet.

        Raises:
            MalformedPayloadError: The body cannot be read.
            UnavailableError: The store does not answer; the same request may come again.
        """
        decoded = self._decode(signal, form, body)
        kind = _KINDS[signal]
        keys = [kind.key(row) for row in decoded.rows]
        with self._lock:
            return self._store(
                signal, kind, _Keyed(decoded.rows, keys, decoded.flaws), hashlib.sha256(body).hexdigest()
            )

    def _decode(self, signal: Signal, form: Form, body: bytes) -> _Decoded:
        rows, flaws = _READERS[signal, form](body, self._clock())
        if signal is Signal.LOGS:
            rows = _named(cast("Sequence[LogRecord]", rows))
        return _Decoded(rows, flaws)

    def _store(self, signal: Signal, kind: "_Kind", keyed: "_Keyed", name: str) -> ImportReceipt:
        there = kind.find(self._reader, keyed.rows) if keyed.rows else set()
        fresh = _fresh(keyed, there)
        refused = list(keyed.flaws)
        stored: list[int] = []
        if fresh:
            token = f"import:{name[:32]}:{_digest(fresh)}"
            lost = self._insert(signal, [keyed.rows[each] for each in fresh], token)
            stored = [each for place, each in enumerate(fresh) if place not in lost]
            refused += lost.values()
            self._make_sure(signal, kind, keyed, stored, token)
        return ImportReceipt(
            stored=len(stored),
            known=len(keyed.rows) - len(fresh),
            refused=len(refused),
            reasons=tuple(dict.fromkeys(refused))[:_MOST_REASONS],
            traces=_traces(keyed, there, stored) if signal is Signal.SPANS else (),
        )

    def _insert(self, signal: Signal, rows: Sequence[Row], token: str) -> dict[int, str]:
        """Insert; return which rows the store does not take, by their places, and why."""
        return {each.position: each.reason for each in self._sink.consume(Batch(signal, rows, token)).rejected}

    def _make_sure(self, signal: Signal, kind: "_Kind", keyed: "_Keyed", stored: Sequence[int], token: str) -> None:
        """Insert again, under another name, what an insert of the same name long ago had in it, and is gone since."""
        if gone := self._gone(kind, keyed, stored):
            self._insert(signal, gone, f"{token}:{secrets.token_hex(8)}")
            if self._gone(kind, keyed, stored):
                raise UnavailableError("the store took an import, and does not have it")

    def _gone(self, kind: "_Kind", keyed: "_Keyed", stored: Sequence[int]) -> list[Row]:
        wanted = [each for each in stored if not _in_progress(keyed.rows[each])]
        there = kind.find(self._reader, [keyed.rows[each] for each in wanted]) if wanted else set()
        return [keyed.rows[each] for each in wanted if keyed.keys[each] not in there]


class _Keyed(NamedTuple):
    rows: Sequence[Row]
    keys: Sequence[str]
    flaws: Sequence[str]


class _Kind(NamedTuple):
    """How rows of a signal are named, and found in the store."""

    key: Callable[[Any], str]
    find: Callable[[Reader, Sequence[Any]], set[str]]


_KINDS: Final = {
    Signal.SPANS: _Kind(known.span_key, known.known_spans),
    Signal.LOGS: _Kind(known.log_key, known.known_logs),
    Signal.METRICS: _Kind(known.datapoint_key, known.known_datapoints),
}


def _fresh(keyed: _Keyed, there: Collection[str]) -> list[int]:
    """
    Return the places of rows that are to be stored: the first of each key that is not there.

    A span that has ended goes before those of its id that say that it has not.
    """
    first: dict[str, int] = {}
    for place, (row, key) in enumerate(zip(keyed.rows, keyed.keys, strict=True)):
        if key in there:
            continue
        if key not in first or (_in_progress(keyed.rows[first[key]]) and not _in_progress(row)):
            first[key] = place
    return sorted(first.values())


def _in_progress(row: Row) -> bool:
    return isinstance(row, Span) and row.in_progress


def _digest(places: Sequence[int]) -> str:
    return hashlib.sha256(json.dumps(places).encode()).hexdigest()[:32]


def _traces(keyed: _Keyed, there: Collection[str], stored: Iterable[int]) -> tuple[ImportedTrace, ...]:
    """Count the completed spans of each trace; those in progress are no end of anything."""
    ended = {key: row.trace_id.hex() for row, key in zip(keyed.rows, keyed.keys, strict=True) if isinstance(row, Span)}
    old = Counter(trace for key, trace in ended.items() if key in there)
    new = Counter(ended[keyed.keys[each]] for each in stored if not _in_progress(keyed.rows[each]))
    return tuple(ImportedTrace(trace, new[trace], old[trace]) for trace in dict.fromkeys(ended.values()))


def _named(records: Sequence[LogRecord]) -> list[LogRecord]:
    """Give names to records that have none: what they say, and how often the same was said before in this body."""
    seen: Counter[str] = Counter()
    found = []
    for record in records:
        if known.log_key(record):
            found.append(record)
            continue
        content = _content(record)
        seen[content] += 1
        found.append(record._replace(attributes={**record.attributes, known.UID: f"{content}-{seen[content]}"}))
    return found


def _content(record: LogRecord) -> str:
    """Return 32 digits that stand for what a record says."""
    time_ns, body, attributes, resource, scope, *others = record
    told = repr((time_ns, body, attributes, resource.attributes, scope.name, others))
    return hashlib.sha256(told.encode(errors="replace")).hexdigest()[:32]


def _documents(body: bytes, now: int) -> _Decoded:
    spans, refused = decode_documents(body, received_ns=now)
    return _Decoded(
        spans, [f"{each.segment_id}: {each.reason}" if each.segment_id else each.reason for each in refused]
    )


def _events(body: bytes, _now: int) -> _Decoded:
    records, refused = decode_events(body)
    return _Decoded(records, [each.reason for each in refused])


_READERS: Final[Mapping[tuple[Signal, Form], Callable[[bytes, int], _Decoded]]] = {
    (Signal.SPANS, Form.LIST): _documents,
    (Signal.SPANS, Form.OTLP_JSON): lambda body, _now: _Decoded(*decode_traces_json(body)),
    (Signal.SPANS, Form.OTLP_PROTOBUF): lambda body, _now: _Decoded(*decode_traces(body)),
    (Signal.LOGS, Form.LIST): _events,
    (Signal.LOGS, Form.OTLP_JSON): lambda body, now: _Decoded(*decode_logs_json(body, received_ns=now)),
    (Signal.LOGS, Form.OTLP_PROTOBUF): lambda body, now: _Decoded(*decode_logs(body, received_ns=now)),
    (Signal.METRICS, Form.OTLP_JSON): lambda body, _now: _Decoded(*decode_metrics_json(body)),
    (Signal.METRICS, Form.OTLP_PROTOBUF): lambda body, _now: _Decoded(*decode_metrics(body)),
}
