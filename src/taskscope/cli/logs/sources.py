"""Who answers ``logs``: AWS, the store, or both."""

import heapq
import queue
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import groupby, repeat
from typing import Final

from taskscope.cli.which_server import asking, running
from taskscope.client.choice import Choice
from taskscope.client.logs import StoreLogs
from taskscope.errors import MissingExtraError, NotFoundError, TaskscopeError, UnreachableError
from taskscope.model.log_reading import LogAndTraceSource, LogBatch, LogEntry, LogQuestion, LogSelection, LogSource

ORIGINS: Final = ("aws", "store", "both")
"""Values of ``--from``."""


def find_store(choice: Choice, origin: str | None, stack: ExitStack) -> LogAndTraceSource | None:
    """
    Return the logs of the server that answers; None where none does.

    Where the store is asked for, one that lies there is opened, until the stack is left.
    """
    if origin == "aws":
        return None
    if origin is None and choice.store is None:
        rest = running(choice)
        return None if rest is None else StoreLogs(rest)
    try:
        return StoreLogs(stack.enter_context(asking(choice)))
    except (NotFoundError, MissingExtraError):
        return None


def choose(
    origin: str | None, selection: LogSelection, aws: LogSource, store: LogAndTraceSource | None
) -> list[LogSource]:
    """
    Return who is asked: whom ``--from`` names; by default the store, if a server answers that has it, else AWS.

    Raises:
        UnreachableError: The store is asked for, and no server answers.
    """
    if origin == "aws":
        return [aws]
    if origin is not None and store is None:
        raise UnreachableError(
            "no server answers that has logs", hint="start taskscope serve, or ask CloudWatch Logs with --from aws"
        )
    if store is None:
        return [aws]
    if origin == "both":
        return [aws, store]
    return [store] if origin == "store" or store.has(selection) else [aws]


def read(sources: Sequence[LogSource], question: LogQuestion) -> Iterator[LogEntry]:
    """Yield the lines of all sources in order; a line that several have stands once."""
    if len(sources) == 1:
        return sources[0].read(question)
    return _union([each.read(question) for each in sources])


def _union(parts: Sequence[Iterable[LogEntry]]) -> Iterator[LogEntry]:
    """
    Merge lines by time. Of equal lines of one time there are as many as the source has that has most of them.

    The store may have a line without the newline at its end, or under another group.
    """
    numbered = [zip(repeat(number), part) for number, part in enumerate(parts)]
    for _, run in groupby(heapq.merge(*numbered, key=lambda pair: pair[1].time_ns), key=lambda pair: pair[1].time_ns):
        counts = [Counter[tuple[str, str]]() for _ in parts]
        shown = Counter[tuple[str, str]]()
        for number, each in run:
            key = each.stream, each.message.rstrip()
            counts[number][key] += 1
            if counts[number][key] > shown[key]:
                shown[key] += 1
                yield each


def follow(sources: Sequence[LogSource], question: LogQuestion) -> Iterator[LogBatch]:
    """
    Yield the batches of all sources as they come.

    Raises:
        TaskscopeError: One of them cannot go on.
    """
    if len(sources) == 1:
        yield from sources[0].follow(question)
        return
    batches: queue.Queue[LogBatch | TaskscopeError] = queue.Queue(1)
    over = threading.Event()
    for each in sources:
        threading.Thread(target=_forward, args=(each, question, batches, over), daemon=True).start()
    try:
        while True:
            batch = batches.get()
            if isinstance(batch, TaskscopeError):
                raise batch
            yield batch
    finally:
        over.set()


def _forward(
    source: LogSource, question: LogQuestion, batches: "queue.Queue[LogBatch | TaskscopeError]", over: threading.Event
) -> None:
    try:
        for batch in source.follow(question):
            _put(batch, batches, over)
            if over.is_set():
                return
    except TaskscopeError as error:
        _put(error, batches, over)


def _put(
    batch: LogBatch | TaskscopeError, batches: "queue.Queue[LogBatch | TaskscopeError]", over: threading.Event
) -> None:
    while not over.is_set():
        with suppress(queue.Full):
            batches.put(batch, timeout=0.5)
            return
