"""X-Ray's traces on their way into the store."""

from collections.abc import Sequence
from typing import Final

from taskscope.aws.xray import TraceHead
from taskscope.cli.imports.run import Run
from taskscope.clock import SECOND, Clock, system_clock
from taskscope.errors import MalformedPayloadError
from taskscope.model.ids import trace_id_from_xray
from taskscope.model.window import Window
from taskscope.sources.imports.piece import ListPieces, Piece
from taskscope.sources.imports.segments import segment
from taskscope.sources.imports.traces import Trace, TraceReader, slices

_HOUR_NS: Final = 3600 * SECOND
_KEPT_NS: Final = 31 * 24 * _HOUR_NS
"""X-Ray keeps traces for 30 days."""
_LONGEST_NS: Final = 24 * _HOUR_NS
"""How long after its beginning spans of a trace are looked for; of a longer one all is read again."""


class TraceImport:
    """The traces of X-Ray in a window."""

    def __init__(self, run: Run, reader: TraceReader, *, clock: Clock = system_clock) -> None:
        """Take X-Ray; what was imported before, and is in the store, is not fetched again."""
        self._run = run
        self._reader = reader
        self._clock = clock
        self._done = self._noted()
        self.missing = 0
        """Traces that X-Ray listed, and did not have."""

    def read(self, window: Window, expression: str) -> None:
        """
        Import the traces that began in a window.

        Raises:
            TaskscopeError: X-Ray or the server refuses, or does not answer.
        """
        seen: set[str] = set()
        for part in slices(window):
            heads = [each for each in self._reader.heads(part, expression) if each.id not in seen]
            seen.update(each.id for each in heads)
            self._slice(part, heads)
            self._run.told((part.end_ns - window.start_ns) / (window.end_ns - window.start_ns))

    def _slice(self, part: Window, heads: Sequence[TraceHead]) -> None:
        pieces = ListPieces("spans")
        for trace in self._reader.fetch(self._wanted(part, heads)):
            self.missing += not trace.documents
            for piece in pieces.add(self._segments(trace), trace.head):
                self._send(piece)
        for piece in pieces.rest():
            self._send(piece)

    def _wanted(self, part: Window, heads: Sequence[TraceHead]) -> list[TraceHead]:
        """Leave out what was imported as it is now, and is there."""
        noted = [each.id for each in heads if self._is_noted(each)]
        if not noted:
            return list(heads)
        there = self._run.imports.known(noted, part.start_ns - _HOUR_NS, part.end_ns + _LONGEST_NS)
        wanted = []
        for head in heads:
            spans = self._done[head.id][1] if self._is_noted(head) else 0
            if spans and there.get(_digits(head), 0) >= spans:
                self._run.tally.known += spans
            else:
                wanted.append(head)
        return wanted

    def _is_noted(self, head: TraceHead) -> bool:
        return head.revision is not None and self._done.get(head.id, (None, 0))[0] == head.revision

    def _segments(self, trace: Trace) -> list[str]:
        texts = []
        for document in trace.documents:
            try:
                texts.append(segment(document))
            except MalformedPayloadError as error:
                self._run.tally.refuse(1, f"trace {trace.head.id}: {error.message}")
        return [each for each in texts if each]

    def _send(self, piece: Piece) -> None:
        receipt = self._run.send(piece)
        spans = {each.trace_id: each.stored + each.known for each in receipt.traces}
        now = self._clock() // SECOND
        self._run.journal.note(
            {"trace": head.id, "revision": head.revision, "spans": spans.get(_digits(head), 0), "at": now}
            for head in piece.marks
            if not head.is_partial
        )

    def _noted(self) -> dict[str, tuple[int | None, int]]:
        """Read the notes; those of traces that X-Ray has forgotten go."""
        entries = [each for each in self._run.journal.entries() if "trace" in each]
        since = (self._clock() - _KEPT_NS) // SECOND
        newest = {each["trace"]: each for each in entries if each.get("at", 0) >= since}
        if len(newest) < len(entries):
            self._run.journal.replace(newest.values())
        return {name: (each["revision"], each["spans"]) for name, each in newest.items()}


def _digits(head: TraceHead) -> str:
    return trace_id_from_xray(head.id).hex()
