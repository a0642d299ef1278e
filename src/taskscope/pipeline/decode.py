"""Frames to pieces: uncompressed, decoded by their kind, enriched; what cannot be read goes to quarantine."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from taskscope.counters import Counters
from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Encoded, Row, Signal
from taskscope.model.change import EcsChange
from taskscope.model.resource import Resource
from taskscope.pipeline.faults import told
from taskscope.pipeline.piece import Gathering, Opened, Piece
from taskscope.pipeline.quarantine import Quarantine
from taskscope.pipeline.unpack import uncompressed
from taskscope.spool.frame import Frame, Kind


class Contents(NamedTuple):
    """What a reader makes of a body."""

    signal: Signal
    rows: Sequence[Row]
    invalid: Sequence[str] = ()
    """Why others in the same body make no row."""


Reader: TypeAlias = Callable[[Frame, bytes], Iterable[Contents]]
"""Reads an uncompressed body; raises MalformedPayloadError."""


class _Form(NamedTuple):
    """How the bodies of a kind are read: named as text, as each loads a library that not every collector needs."""

    reader: str
    signals: frozenset[Signal]
    """What they may hold: a sink that takes none of it does not have them read."""
    encoded: Encoded | None = None
    """What the body is for a sink that takes it as it is."""
    check: str = ""
    """Tells whether a body is of that form, where it may be of another; raises MalformedPayloadError as well."""


_FORMS: Final[Mapping[int, _Form]] = {
    Kind.XRAY_DATAGRAM: _Form(
        "xray:read_datagram", frozenset(Signal) - {Signal.CHANGES}, Encoded.XRAY_SPANS, "xray:has_document"
    ),
    Kind.XRAY_DOCUMENTS: _Form("xray:read_documents", frozenset({Signal.SPANS})),
    Kind.OTLP_TRACES_PROTOBUF: _Form("otlp:read_traces", frozenset({Signal.SPANS}), Encoded.OTLP_SPANS),
    Kind.OTLP_TRACES_JSON: _Form("otlp_json:read_traces", frozenset({Signal.SPANS})),
    Kind.OTLP_METRICS_PROTOBUF: _Form("otlp:read_metrics", frozenset({Signal.METRICS}), Encoded.OTLP_METRICS),
    Kind.OTLP_METRICS_JSON: _Form("otlp_json:read_metrics", frozenset({Signal.METRICS})),
    Kind.OTLP_LOGS_PROTOBUF: _Form("otlp:read_logs", frozenset({Signal.LOGS}), Encoded.OTLP_LOGS),
    Kind.OTLP_LOGS_JSON: _Form("otlp_json:read_logs", frozenset({Signal.LOGS})),
    Kind.FLUENT_MESSAGE: _Form("fluent:read_message", frozenset({Signal.LOGS})),
    Kind.AWS_EVENT: _Form("events:read_event", frozenset({Signal.CHANGES, Signal.LOGS})),
    Kind.LOG_EVENTS: _Form("cloudwatch:read_log_events", frozenset({Signal.LOGS})),
    Kind.PERFORMANCE_EVENTS: _Form("cloudwatch:read_performance", frozenset({Signal.METRICS})),
    Kind.METRIC_DATA: _Form("cloudwatch:read_metric_data", frozenset({Signal.METRICS})),
    Kind.CONTAINER_STATS: _Form("container_stats:read_container_stats", frozenset({Signal.METRICS})),
}


class Enrichment(Protocol):
    """Adds what a sender did not say of itself."""

    def knows(self, sender: str) -> bool:
        """Whether anything could be added for an address."""
        ...

    def enrich(self, resource: Resource, sender: str) -> Resource:
        """Return the resource, with what is known of the sender and not said in it."""
        ...


class Selection(Protocol):
    """Chooses rows, as sampling does."""

    def select(self, signal: Signal, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows that are kept."""
        ...


class Decoder:
    """Makes pieces of frames for one sink. May be used by several threads."""

    def __init__(
        self,
        *,
        signals: frozenset[Signal],
        encoded: frozenset[Encoded],
        quarantine: Quarantine,
        counters: Counters,
        enrichment: Enrichment | None = None,
        selection: Selection | None = None,
        learn: Callable[[EcsChange], None] | None = None,
        unclaimed: frozenset[Signal] = frozenset(),
        piece_bytes: int | None = None,
        left_out: frozenset[Kind] = frozenset(),
    ) -> None:
        """
        Prepare for a sink.

        Args:
            signals: What it takes.
            encoded: The forms of bodies that it takes too.
            quarantine: Where unreadable bodies go.
            counters: What is dropped is counted here.
            enrichment: Who knows the senders.
            selection: Which rows are kept; without it, all.
            learn: Told of every change of ECS objects that passes.
            unclaimed: Signals that no sink takes, which are counted here: nothing is lost without a trace.
            piece_bytes: Of bodies in one piece, where that is not ``PIECE_BYTES``.
            left_out: Kinds of frames that are nothing for the sink, whatever signals it takes.
        """
        self._signals = signals
        self._encoded = encoded if selection is None else frozenset()
        self._quarantine = quarantine
        self._counters = counters
        self._enrichment = enrichment
        self._selection = selection
        self._learn = learn
        self._unclaimed = unclaimed
        self._piece_bytes = piece_bytes
        self._left_out = left_out

    def known(self, frames: Iterable[Frame]) -> list[str] | None:
        """Return the senders about whom something could be added now; None where that decides nothing."""
        if self._enrichment is None or not self._encoded:
            return None
        return sorted(sender for sender in {frame.sender for frame in frames} if self._enrichment.knows(sender))

    def pieces(self, frames: Iterable[Frame], token: str, *, known: Collection[str] | None = None) -> Iterator[Piece]:
        """
        Yield the pieces of a range; the same frames make the same pieces.

        ``known`` are the senders whose bodies are decoded so that something can be added: as they were when the range
        was cut, since a body that moves to another piece at a replay would be stored twice. None: those known now.
        """
        gathering = Gathering(token, most_bytes=self._piece_bytes)
        for frame in frames:
            try:
                self._take(frame, gathering, known)
            except MalformedPayloadError as error:
                self._quarantine.keep(frame, str(error))
            except Exception as error:  # noqa: BLE001 (a body that we have a fault with must not hold up the others)
                self._counters.add("faults.decode")
                self._quarantine.keep(frame, f"a fault: {told(error)}")
            if gathering.is_full:
                yield from gathering.pieces()
        yield from gathering.pieces()

    def _take(self, frame: Frame, gathering: Gathering, known: Collection[str] | None) -> None:
        form = _form(frame)
        if form.signals <= self._unclaimed:
            self._counters.add(f"dropped.no_sink.{Kind(frame.kind).name.lower()}")
        if not form.signals & self._signals or frame.kind in self._left_out:
            return
        opened = Opened(frame, uncompressed(frame))
        if form.encoded in self._encoded and self._stays_as_it_is(form, opened, known):
            gathering.add_body(form.encoded, opened)
            return
        for contents in _function(form.reader)(frame, opened.body):
            if contents.invalid:
                self._counters.add(f"invalid.{contents.signal}", len(contents.invalid))
            self._notice(contents)
            if contents.signal in self._signals:
                gathering.add_rows(contents.signal, self._finish(contents, frame.sender), opened)

    def _notice(self, contents: Contents) -> None:
        if contents.signal == Signal.CHANGES and self._learn is not None:
            for row in contents.rows:
                if isinstance(row, EcsChange):
                    self._learn(row)

    def _stays_as_it_is(self, form: _Form, opened: Opened, known: Collection[str] | None) -> bool:
        """Whether a body of that form needs no decoding: nothing can be added, or its sender has said it all."""
        if form.check and not _function(form.check)(opened.body):
            return False
        if self._enrichment is None:
            return True
        sender = opened.frame.sender
        is_known = self._enrichment.knows(sender) if known is None else sender in known
        return not is_known or (form.encoded != Encoded.XRAY_SPANS and _TASK_ARN in opened.body)

    def _finish(self, contents: Contents, sender: str) -> Sequence[Row]:
        rows = contents.rows
        if self._enrichment is not None and contents.signal != Signal.CHANGES and self._enrichment.knows(sender):
            rows = enriched(rows, sender, self._enrichment)
        return rows if self._selection is None else self._selection.select(contents.signal, rows)


def enriched(rows: Sequence[Row], sender: str, enrichment: Enrichment) -> list[Row]:
    """Replace the resources of rows by richer ones, one for each, so that rows go on to share them."""
    richer: dict[int, Resource] = {}
    found: list[Row] = []
    for row in rows:
        resource = getattr(row, "resource", None)
        if resource is None:
            found.append(row)
            continue
        if id(resource) not in richer:
            richer[id(resource)] = enrichment.enrich(resource, sender)
        found.append(row._replace(resource=richer[id(resource)]))  # type: ignore[call-arg]
    return found


def rows_of(frame: Frame, signal: Signal) -> Iterator[Row]:
    """
    Yield the rows of one signal in a frame, and do nothing else about it.

    Raises:
        MalformedPayloadError: The body cannot be read.
    """
    form = _form(frame)
    if signal in form.signals:
        for contents in _function(form.reader)(frame, uncompressed(frame)):
            if contents.signal == signal:
                yield from contents.rows


def _form(frame: Frame) -> _Form:
    form = _FORMS.get(frame.kind)
    if form is None:
        raise MalformedPayloadError(f"frames of kind {frame.kind} cannot be read by this version")
    return form


@cache
def _function(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(f"taskscope.pipeline.readers.{module}"), function)


_TASK_ARN: Final = b"aws.ecs.task.arn"
