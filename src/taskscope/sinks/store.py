"""The sink that keeps: batches end in the tables of the store, exactly once."""

import threading
from collections.abc import Callable, Collection, Sequence
from typing import Final

from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Row, Signal
from taskscope.sinks.api import Outcome, Rejected
from taskscope.store.api import Writer
from taskscope.store.columns.documents import document_columns
from taskscope.store.columns.tables import by_table, columns_of
from taskscope.wire.otlp.count import count_rows
from taskscope.wire.otlp.traces import decode_traces
from taskscope.wire.xray.datagram import decode_datagram


class StoreSink:
    """
    Puts batches into the store.

    An insert's token is made of the batch's token and the table. What the store does not take is halved until the rows
    or bodies at fault stand alone; each half has a token of its own, which follows from where it lies. So a batch that
    comes again after a crash is cut in the same way, and nothing is stored twice.

    The engine decodes OTLP bodies of spans. One that it refuses alone is decoded here, slowly and plainly, and its rows
    are stored; only what that decoder refuses too is rejected. X-Ray's documents become columns here, and rows where
    the store refuses these.
    """

    name: Final = "store"
    signals: Final = frozenset(Signal)
    encoded: Final = frozenset({Encoded.OTLP_SPANS, Encoded.XRAY_SPANS})

    def __init__(self, writer: Writer) -> None:
        """Take where rows go; who opened it closes it."""
        self._writer = writer
        self._decoding = threading.Lock()
        """Two threads that decode at once only take turns, and each other's caches: one decodes, another inserts."""

    def consume(self, batch: Batch | EncodedBatch) -> Outcome:
        """
        Put a batch into the store, as `Sink` says.

        Raises:
            UnavailableError: A retry may help.
            ValueError: The sink does not take such bodies.
        """
        rejected: list[Rejected] = []
        if isinstance(batch, Batch):
            positions = range(len(batch.rows))
            accepted = self._store_rows(batch.signal, batch.rows, positions, batch.token, rejected)
        elif batch.form not in self.encoded:
            raise ValueError(f"the sink {self.name} takes no bodies of the form {batch.form}")
        elif batch.form == Encoded.XRAY_SPANS:
            accepted = self._store_documents(batch, rejected)
        else:
            accepted = self._store_bodies(batch, rejected)
        return Outcome(accepted, sorted(rejected))

    def close(self) -> None:
        """Do nothing: who opened the store closes it."""

    def _store_rows(
        self,
        signal: Signal,
        rows: Sequence[Row],
        positions: Sequence[int],
        token: str,
        rejected: list[Rejected],
    ) -> int:
        """Insert rows, table by table; ``positions`` says what each row counts for among the rejected ones."""
        before = len(rejected)
        for table, members in by_table(signal, rows).items():

            def insert(chosen: Sequence[int], token: str, *, table: str = table) -> None:
                columns = columns_of(table, [rows[each] for each in chosen])
                self._writer.insert_columns(table, columns, token=token)

            def refuse(each: int, _: str, error: MalformedPayloadError) -> None:
                rejected.append(Rejected(positions[each], error.message))

            _halving(members, f"{token}:{table}", insert, refuse)
        return len(rows) - (len(rejected) - before)

    def _store_documents(self, batch: EncodedBatch, rejected: list[Rejected]) -> int:
        with self._decoding:
            documents = document_columns(batch.bodies, batch.received_ns)
        rejected += [Rejected(position, reason, 0) for position, reason in documents.refused]
        accepted = 0
        for table, columns in documents.tables.items():
            try:
                self._writer.insert_columns(table, columns, token=f"{batch.token}:{table}")
                accepted += columns.num_rows
            except MalformedPayloadError:
                rows, positions = _rows_of(table, batch, {position for position, _ in documents.refused})
                accepted += self._store_rows(batch.signal, rows, positions, batch.token, rejected)
        return accepted

    def _store_bodies(self, batch: EncodedBatch, rejected: list[Rejected]) -> int:
        sizes = _count_spans(batch, rejected)
        decoded = 0

        def insert(chosen: Sequence[int], token: str) -> None:
            self._writer.insert_otlp_spans([batch.bodies[each] for each in chosen], token=token)

        def refuse(each: int, token: str, _: MalformedPayloadError) -> None:
            nonlocal decoded
            del sizes[each]
            decoded += self._store_decoded(batch.bodies[each], each, token, rejected)

        if sizes:
            _halving(list(sizes), f"{batch.token}:otlp", insert, refuse)
        return sum(sizes.values()) + decoded

    def _store_decoded(self, body: bytes, position: int, token: str, rejected: list[Rejected]) -> int:
        """Store what the plain decoder reads of a body that the engine refused."""
        try:
            rows, invalid = decode_traces(body)
        except MalformedPayloadError as error:
            rejected.append(Rejected(position, error.message, count_rows(Signal.SPANS, body)))
            return 0
        rejected += [Rejected(position, reason, invalid.count(reason)) for reason in sorted(set(invalid))]
        return self._store_rows(Signal.SPANS, rows, [position] * len(rows), token, rejected)


def _rows_of(table: str, batch: EncodedBatch, refused: Collection[int]) -> tuple[list[Row], list[int]]:
    """Return the rows for one table of documents, and the place of the document of each."""
    rows: list[Row] = []
    positions: list[int] = []
    for position, (body, received_ns) in enumerate(zip(batch.bodies, batch.received_ns, strict=True)):
        if position not in refused:
            spans = decode_datagram(body, received_ns=received_ns)
            some = by_table(batch.signal, spans).get(table, ())
            rows += [spans[each] for each in some]
            positions += [position] * len(some)
    return rows, positions


def _count_spans(batch: EncodedBatch, rejected: list[Rejected]) -> dict[int, int]:
    """Return how many spans each body holds, by its position; bodies that are not framed as requests are rejected."""
    sizes = {}
    for position, body in enumerate(batch.bodies):
        try:
            sizes[position] = count_rows(batch.signal, body)
        except MalformedPayloadError as error:
            rejected.append(Rejected(position, error.message))
    return sizes


def _halving(
    positions: Sequence[int],
    token: str,
    insert: Callable[[Sequence[int], str], None],
    refuse: Callable[[int, str, MalformedPayloadError], None],
) -> None:
    """
    Insert what is at these positions; where that fails for the data's fault, insert the halves.

    A half has a token of its own: nothing was stored under the whole's, and a batch that comes again is refused again.
    """
    try:
        insert(positions, token)
    except MalformedPayloadError as error:
        if len(positions) == 1:
            refuse(positions[0], token, error)
            return
        middle = len(positions) // 2
        _halving(positions[:middle], f"{token}/0", insert, refuse)
        _halving(positions[middle:], f"{token}/1", insert, refuse)
