"""The traces of X-Ray: which there are, and their documents, five traces to a call and some calls at once."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from taskscope.aws.xray import TRACES_LIMIT, TraceHead, XRay
from taskscope.clock import SECOND
from taskscope.errors import ThrottledError
from taskscope.model.ids import trace_id_from_xray
from taskscope.model.window import Window

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

SLICE_NS: Final = 3600 * SECOND
"""Of GetTraceSummaries, which refuses more than six hours: an hour is a step of the progress."""
_AHEAD: Final = 8
"""Calls of BatchGetTraces that are under way or wait to be used."""
_WAITS: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Between tries of a call that X-Ray throttles, beside those of the SDK."""

_T = TypeVar("_T")


class Trace(NamedTuple):
    """One trace."""

    head: TraceHead
    documents: Sequence[str]
    """Empty if X-Ray has it no more."""


def slices(window: Window) -> Iterator[Window]:
    """Cut a window, the latest slice last."""
    for start in range(window.start_ns, window.end_ns, SLICE_NS):
        yield Window(start, min(start + SLICE_NS, window.end_ns))


class TraceReader:
    """Reads the traces of one account."""

    def __init__(self, xray: XRay, pool: "Executor", *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Take X-Ray, and threads for its calls."""
        self._xray = xray
        self._pool = pool
        self._sleep = sleep

    def heads(self, window: Window, expression: str = "") -> list[TraceHead]:
        """
        Return the traces that began in a slice, each once.

        Raises:
            TaskscopeError: X-Ray refuses, or does not answer.
        """
        found = self._patiently(lambda: list(self._xray.summaries(*window, expression=expression)))
        return list({each.id: each for each in found}.values())

    def fetch(self, heads: Sequence[TraceHead]) -> Iterator[Trace]:
        """
        Yield traces with their documents, in this order.

        Raises:
            TaskscopeError: X-Ray refuses, or does not answer.
        """
        groups = iter([heads[start : start + TRACES_LIMIT] for start in range(0, len(heads), TRACES_LIMIT)])
        waiting: list[Future[list[Trace]]] = [self._pool.submit(self._get, some) for some in islice(groups, _AHEAD)]
        try:
            while waiting:
                yield from waiting.pop(0).result()
                waiting += [self._pool.submit(self._get, some) for some in islice(groups, 1)]
        finally:
            for each in waiting:
                each.cancel()

    def _get(self, heads: Sequence[TraceHead]) -> list[Trace]:
        found = self._patiently(lambda: self._xray.traces([each.id for each in heads]))
        documents = {_trace_of(each): each for each in found if each}
        return [Trace(head, documents.get(trace_id_from_xray(head.id), ())) for head in heads]

    def _patiently(self, call: Callable[[], _T]) -> _T:
        for seconds in _WAITS:
            try:
                return call()
            except ThrottledError:
                self._sleep(seconds)
        return call()


def _trace_of(documents: Sequence[str]) -> bytes:
    """Return the trace that documents belong to; empty where the first does not say."""
    try:
        return trace_id_from_xray(str(json.loads(documents[0])["trace_id"]))
    except (ValueError, LookupError, TypeError):
        return b""
