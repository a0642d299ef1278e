"""Follow a running task: what is new since the last look, until it has stopped and its last lines have come."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from taskscope.clock import SECOND, Clock, system_clock
from taskscope.errors import NotFoundError, TaskscopeError, UnavailableError
from taskscope.model.ecs import Task
from taskscope.model.timeline import Kind, Reading, TimelineEvent, Window, merge
from taskscope.sources.log_streams import LogStream
from taskscope.sources.service_events import service_events
from taskscope.sources.task import container_states, lifecycle
from taskscope.sources.timeline import Notice, Timeline, TimelineSource, Wanted, gap_notice


@dataclass(frozen=True, slots=True)
class Pace:
    """How often AWS is asked, and how long late lines are waited for; in seconds."""

    interval: float = 2.0
    """Between two looks. One is two GetLogEvents a stream; the slowest regions allow 10 a second."""
    overlap: float = 60.0
    """Each look reads this much again: a line may come that is older than the newest one."""
    settle: float = 6.0
    """After the containers have been seen ended: the awslogs driver sends every 5 s."""
    patience: float = 60.0
    """After the same: how long a look that AWS does not answer is repeated."""


DEFAULT_PACE: Final = Pace()

_SILENCE: Final = 10
"""After so many overlaps without a line a stream is read from there on."""


class Follower:
    """
    Yields batches of events of one task, each event once.

    CloudWatch Logs gives events of a stream no identity, so a look counts: when the same line at the same time
    is there three times and was shown twice, it is shown once more.
    """

    def __init__(
        self,
        source: TimelineSource,
        wanted: Wanted,
        *,
        pace: Pace = DEFAULT_PACE,
        clock: Clock = system_clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._source = source
        self._wanted = wanted
        self._pace = pace
        self._clock = clock
        self._sleep = sleep
        self._shown: Counter[TimelineEvent] = Counter()
        self._newest: dict[LogStream, int] = {}
        self._seen_ended: int | None = None
        self.notices: list[Notice] = []
        """What could not be read at the last look."""

    def follow(self, first: Timeline) -> Iterator[list[TimelineEvent]]:
        """Yield the timeline so far, then what is new, until the end of the task."""
        task, known = first.task, first
        yield self._new(each for each in first.events if task.stopped or each.kind is not Kind.CONTAINER_STATE)
        reading = self._wanted.reading(task)
        # A head that the tail continues is still being written: lines of a young task belong to it.
        floor = (reading.logs[-1] if reading.unread else reading.logs[0]).start
        settled = False
        while not settled:
            self._sleep(self._pace.interval)
            task = self._look_at(task)
            known = self._complete(known, task)
            fresh = self._new(merge(self._story(task, reading), self._lines(known, task, floor)))
            settled = self._settled(task, fresh)
            if fresh:
                yield fresh

    def _settled(self, task: Task, fresh: Sequence[TimelineEvent]) -> bool:
        """
        Whether the task has stopped and its last lines have come.

        The wait is measured by our clock alone: ECS has another, and a few seconds between the two are usual.
        """
        now = self._clock()
        if self._seen_ended is None and (task.execution_stopped_at or task.stopped):
            self._seen_ended = now
        if self._seen_ended is None or not task.stopped or any(each.kind is Kind.LOG for each in fresh):
            return False
        unanswered = any(each.exit_code for each in self.notices)
        return now >= self._seen_ended + int((self._pace.patience if unanswered else self._pace.settle) * SECOND)

    def _look_at(self, task: Task) -> Task:
        """Ask for the task again; one that ECS has forgotten meanwhile, with its cluster or alone, has stopped."""
        self.notices = []
        try:
            found = self._source.ecs.tasks(task.cluster_arn, [task.id])
        except UnavailableError as error:
            self.notices.append(Notice.of(error))
            return task
        except NotFoundError:
            found = []
        return found[0] if found else replace(task, last_status="STOPPED", stopped_at=task.stopped_at or self._clock())

    def _complete(self, known: Timeline, task: Task) -> Timeline:
        """Ask again for the task definition that AWS did not give at first, unless it never will."""
        if known.definition or not self._wanted.logs or not any(each.exit_code for each in known.notices):
            return known
        try:
            return replace(known, definition=self._source.ecs.definition(task.definition_arn))
        except TaskscopeError as error:
            notice = Notice.of(error)
            self.notices.append(notice)
            return replace(known, notices=[notice])

    def _story(self, task: Task, reading: Reading) -> Iterator[TimelineEvent]:
        """Yield all that ECS says of the task until now; what was shown before is left out later."""
        try:
            service = self._source.service(task)
        except TaskscopeError as error:
            self.notices.append(Notice.of(error))
        else:
            windows = [*reading.services, Window(reading.services[-1].start)]
            yield from service_events(service.events if service else (), task, windows)
        yield from lifecycle(task)
        if task.stopped:
            states = container_states(task, now=self._clock())
            yield from (each for each in states if self._wanted.container(each.container or ""))

    def _lines(self, known: Timeline, task: Task, floor: int) -> list[TimelineEvent]:
        reader = self._source.reader()
        streams = known.streams(task, self._wanted)
        for stream in streams:
            newest = self._newest.get(stream, floor)
            reader.begin(stream, [Window(max(floor, newest - int(self._pace.overlap * SECOND)))])
        reading = reader.finish()
        self.notices.extend(gap_notice(gap, task) for gap in reading.gaps if not isinstance(gap.error, NotFoundError))
        unanswered = {gap.stream for gap in reading.gaps if not gap.expected}
        # What was read of a stream before its walk broke says nothing of the rest: it is read from there again.
        for stream in set(streams) - unanswered:
            self._advance(stream, floor, reading.events)
        return reading.events

    def _advance(self, stream: LogStream, floor: int, events: Sequence[TimelineEvent]) -> None:
        """Let the next look at a stream begin at its newest line, or, where it is silent, at what may still come."""
        now = self._clock()
        # A line from the future (CloudWatch Logs takes two hours) moves no window past the present.
        times = [min(each.time, now) for each in events if each.container == stream.container]
        # A silent stream moves on too: what was shown is kept back to the oldest window.
        quiet = now - int(_SILENCE * self._pace.overlap * SECOND)
        self._newest[stream] = max([self._newest.get(stream, floor), quiet, *times])

    def _new(self, events: Iterable[TimelineEvent]) -> list[TimelineEvent]:
        present = list(events)
        left = self._shown.copy()
        fresh = []
        for event in present:
            if left[event] > 0:
                left[event] -= 1
            else:
                fresh.append(event)
        self._shown.update(fresh)
        self._forget()
        return fresh

    def _forget(self) -> None:
        """Drop lines that no look reads again, so that following for days does not grow."""
        if self._newest:
            oldest = min(self._newest.values()) - int(self._pace.overlap * SECOND)
            for event in [each for each in self._shown if each.kind is Kind.LOG and each.time < oldest]:
                del self._shown[event]
