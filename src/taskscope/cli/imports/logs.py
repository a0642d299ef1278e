"""Lines of log groups on their way into the store."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from taskscope.aws.log_search import LogSearch
from taskscope.cli.imports.run import Run
from taskscope.errors import ThrottledError
from taskscope.model.log_reading import LogEntry
from taskscope.model.timeline import Window as LogWindow
from taskscope.model.window import Window
from taskscope.sources.imports.events import event_text
from taskscope.sources.imports.occurrences import Occurrences
from taskscope.sources.imports.piece import ListPieces, Piece
from taskscope.sources.logs.place import LogPlace
from taskscope.sources.logs.window import read_place

if TYPE_CHECKING:
    from concurrent.futures import Executor

_WAITS: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Between tries where CloudWatch Logs throttles, beside those of the SDK."""


class LogImport:
    """The lines of log groups in a window, place by place."""

    def __init__(
        self, run: Run, search: Callable[[str | None], LogSearch], pool: "Executor", sleep: Callable[[float], None]
    ) -> None:
        """Take CloudWatch Logs by region, and a thread that reads ahead."""
        self._run = run
        self._search = search
        self._pool = pool
        self._sleep = sleep

    def read(self, places: Sequence[LogPlace], window: Window, pattern: str) -> None:
        """
        Import the lines of places.

        Raises:
            TaskscopeError: CloudWatch Logs or the server refuses, or does not answer.
        """
        whole = (window.end_ns - window.start_ns) * len(places)
        for number, place in enumerate(places):
            before = number * (window.end_ns - window.start_ns) - window.start_ns

            def told(time_ns: int, before: int = before) -> None:
                self._run.told((before + time_ns) / whole)

            start = self._start(place, window)
            if not self._place(place, Window(start, window.end_ns), window, pattern, told):
                self._place(place, window, window, pattern, told)
        self._run.journal.forget()

    def _start(self, place: LogPlace, window: Window) -> int:
        """Return where to go on: at the last line that was stored, if all before it was read."""
        name = _name(place)
        noted = [each for each in self._run.journal.entries() if each.get("place") == name]
        if noted and noted[-1]["from"] <= window.start_ns <= noted[-1]["to"]:
            return int(noted[-1]["to"])
        return window.start_ns

    def _place(self, place: LogPlace, rest: Window, window: Window, pattern: str, told: Callable[[int], None]) -> bool:
        """Send the lines of a place; False if the store has lost those that it should have."""
        first = rest.start_ns > window.start_ns
        for piece in self._pieces(place, rest, pattern):
            receipt = self._run.send(piece)
            if first and receipt.stored and not receipt.known:
                return False
            first = False
            self._run.journal.note([{"place": _name(place), "from": window.start_ns, "to": piece.marks[-1]}])
            told(piece.marks[-1])
        told(window.end_ns)
        return True

    def _pieces(self, place: LogPlace, window: Window, pattern: str) -> Iterator[Piece]:
        pieces, said = ListPieces("logs"), Occurrences()
        for page in self._patient_pages(place, window, pattern):
            for entry in page:
                yield from pieces.add([event_text(entry, said)], entry.time_ns)
        yield from pieces.rest()

    def _patient_pages(self, place: LogPlace, window: Window, pattern: str) -> Iterator[list[LogEntry]]:
        """Yield pages; where CloudWatch Logs throttles for long, ask again from the last line on."""
        waits = iter(_WAITS)
        start = window.start_ns
        while True:
            pages = read_place(place, LogWindow(start, window.end_ns), pattern, self._search)
            try:
                for page in self._ahead(pages):
                    if page and page[-1].time_ns > start:
                        start, waits = page[-1].time_ns, iter(_WAITS)
                    yield page
            except ThrottledError:
                seconds = next(waits, None)
                if seconds is None:
                    raise
                self._sleep(seconds)
            else:
                return

    def _ahead(self, pages: Iterator[list[LogEntry]]) -> Iterator[list[LogEntry]]:
        """Ask for the next page while one is sent."""
        end: Any = object()
        waiting = self._pool.submit(next, pages, end)
        while (page := waiting.result()) is not end:
            waiting = self._pool.submit(next, pages, end)
            yield page


def _name(place: LogPlace) -> list[str]:
    return [place.group, place.region or "", place.stream]
