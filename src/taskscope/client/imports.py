"""Imports, sent over REST."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from taskscope.client.rest import Rest
from taskscope.errors import UnavailableError, UnreachableError
from taskscope.model.document import from_document
from taskscope.model.imported import ImportReceipt

_WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Between tries of a request: a server that is started again is back by then."""

_T = TypeVar("_T")


class Imports:
    """Each method is one request, tried again while the server is busy or away; errors are those of ``Rest``."""

    def __init__(self, rest: Rest, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Take a server."""
        self._rest = rest
        self._sleep = sleep
        self._answered = False

    def send(self, signal: str, body: bytes) -> ImportReceipt:
        """Have a body stored: ``spans``, ``logs`` or ``metrics``, in JSON."""
        answer = self._patiently(lambda: self._rest.send(f"/api/import/{signal}", body))
        try:
            return from_document(ImportReceipt, answer)
        except ValueError as error:
            raise UnreachableError(
                f"the server's answer is not understood: {error}", hint="is it of another version than this program?"
            ) from None

    def known(self, trace_ids: Sequence[str], start_ns: int, end_ns: int) -> Mapping[str, int]:
        """Return how many spans of traces there are that began in a window, by their ids in 32 digits."""
        question = {"trace_ids": list(trace_ids), "start_ns": max(start_ns, 0), "end_ns": end_ns}
        answer: Any = self._patiently(lambda: self._rest.post("/api/import/known", question))
        found: Mapping[str, int] = answer["traces"]
        return found

    def _patiently(self, call: Callable[[], _T]) -> _T:
        for seconds in _WAITS:
            try:
                answer = call()
            except UnavailableError:
                if not self._answered:  # its address may be wrong: nothing is waited for
                    raise
                self._sleep(seconds)
            else:
                self._answered = True
                return answer
        return call()
