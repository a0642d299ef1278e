"""The sink for AWS X-Ray."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from taskscope.aws.session import Account
from taskscope.aws.xray import Unprocessed, XRay
from taskscope.clock import Clock, system_clock
from taskscope.errors import TaskscopeError, ThrottledError
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from taskscope.model.span import Span
from taskscope.sinks.api import Outcome, Rejected
from taskscope.sinks.partwise import Partwise, divide_refused
from taskscope.sinks.xray.config import XRaySinkConfig
from taskscope.sinks.xray.documents import Document, documents_of
from taskscope.sinks.xray.telemetry import Telemetry

_WAITS_SECONDS: Final = (0.1, 0.4)
"""Before documents are sent again that X-Ray did not process; after the last time the whole batch comes again."""


class XRaySink:
    """
    Sends spans of any origin as segment documents, those in progress too: X-Ray replaces them by their completion.

    A document that comes twice replaces itself, so that a repeated batch does no harm.
    """

    signals = frozenset({Signal.SPANS})
    encoded: frozenset[Encoded] = frozenset()

    def __init__(
        self,
        config: XRaySinkConfig,
        *,
        account: Account | None = None,
        clock: Clock = system_clock,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare; AWS is not called before the first batch."""
        self.name = config.name
        self._xray = XRay(account or config.account(), region=config.region or None)
        self._partwise = Partwise(config.parallel, name=config.name)
        self._telemetry = Telemetry(self._xray, clock=clock, resource_arn=config.resource_arn)
        self._with_telemetry = config.telemetry
        self._wait = wait

    def consume(self, batch: Batch | EncodedBatch) -> Outcome:
        """
        Send a batch; calls that got through in an earlier attempt are not made again.

        Raises:
            UnavailableError: A retry may help.
            ValueError: The sink takes rows of spans only.
        """
        if not isinstance(batch, Batch) or batch.signal is not Signal.SPANS:
            raise ValueError(f"the sink {self.name} takes rows of spans, not {type(batch).__name__} of {batch.signal}")
        documents = documents_of([row for row in batch.rows if isinstance(row, Span)])
        rejected = [*documents.rejected, *self._partwise.run(batch.token, documents.parts, self._send)]
        if self._with_telemetry:
            self._telemetry.send_if_due()
        return Outcome(len(batch.rows) - len(rejected), rejected)

    def close(self) -> None:
        """Finish what is under way and tell X-Ray the last counts; safe to call twice."""
        self._partwise.close()
        if self._with_telemetry:
            self._telemetry.close()

    def _send(self, documents: Sequence[Document]) -> Sequence[Rejected]:
        rejected = divide_refused(documents, self._put, _rejected)
        refused = {each.position for each in rejected}
        bad = sum(not refused.isdisjoint(document.rows) for document in documents)
        self._telemetry.count(received=len(documents), sent=len(documents) - bad, rejected=bad)
        return rejected

    def _put(self, documents: Sequence[Document]) -> Sequence[Rejected]:
        """Send documents, and those again that X-Ray was too busy for."""
        rejected: list[Rejected] = []
        waiting = documents
        for wait in (*_WAITS_SECONDS, None):
            again: list[Document] = []
            for document, verdict in _judged(waiting, self._call(waiting)):
                if verdict.is_transient:
                    again.append(document)
                else:
                    rejected += _rejected(document, f"{verdict.code}: {verdict.message}".strip(": "))
            if not again:
                return rejected
            if wait is not None:
                self._wait(wait)
            waiting = again
        raise ThrottledError(
            f"X-Ray did not process {len(waiting)} of {len(documents)} segments, and asks to slow down"
        )

    def _call(self, documents: Sequence[Document]) -> Sequence[Unprocessed]:
        try:
            return self._xray.put([document.text for document in documents])
        except TaskscopeError as error:
            self._telemetry.count_error(error)
            raise


def _rejected(document: Document, reason: str) -> list[Rejected]:
    return [Rejected(row, reason) for row in document.rows]


def _judged(documents: Sequence[Document], unprocessed: Sequence[Unprocessed]) -> list[tuple[Document, Unprocessed]]:
    """Pair verdicts with documents by id; those without an id, with documents of which nothing else was said."""
    left = list(documents)
    pairs: list[tuple[Document, Unprocessed]] = []
    for verdict in sorted(unprocessed, key=lambda each: not each.id):
        found = next((each for each in left if each.id == verdict.id), left[0] if left and not verdict.id else None)
        if found is not None:
            left.remove(found)
            pairs.append((found, verdict))
    return pairs
