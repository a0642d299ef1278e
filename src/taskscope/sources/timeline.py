"""The whole timeline of one task from AWS: asks everything at once that does not wait for another answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypeAlias, TypeVar

from taskscope.aws.ecs import Ecs
from taskscope.aws.logs import Logs
from taskscope.aws.session import PARALLEL, Account
from taskscope.errors import DeniedError, NotFoundError, TaskscopeError, UnavailableError
from taskscope.model.ecs import EVENTS_KEPT, EcsService, Task, TaskDefinition
from taskscope.model.timeline import Reading, TimelineEvent, Window, merge
from taskscope.sources.container_logs import Gap, LogReader, LogReading, Progress
from taskscope.sources.log_streams import LogStream, Unreadable, distinct, locate, needs_service
from taskscope.sources.service_events import service_events
from taskscope.sources.task import container_states, lifecycle

if TYPE_CHECKING:
    from concurrent.futures import Future

ChooseContainer: TypeAlias = Callable[[str], bool]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the timeline lacks, said in one line."""

    text: str
    exit_code: int = 0
    """Not 0 where a retry may bring what is missing: the command then ends with it."""

    @classmethod
    def of(cls, error: TaskscopeError, *, about: str = "") -> Self:
        """Say an error, after what it is ``about``."""
        return cls(f"{about}{error}", error.exit_code if isinstance(error, UnavailableError) else 0)


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened to a task, in order, and what is not in it."""

    task: Task
    events: list[TimelineEvent]
    notices: list[Notice] = field(default_factory=list)
    unread: Window | None = None
    """The stretch between head and tail, where log lines were not read."""
    definition: TaskDefinition | None = None
    """None where logs were not wanted, or AWS did not give it."""
    service: EcsService | None = None

    def streams(self, task: Task, wanted: "Wanted") -> list[LogStream]:
        """Name the log streams of the task as it is now: a container that starts later may only then have one."""
        if self.definition is None:
            return []
        found = (each for each in locate(task, self.definition, self.service) if wanted.container(each.container))
        return [each for each in distinct(found) if isinstance(each, LogStream)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a task is to be read."""

    reading: Callable[[Task], Reading]
    """Chooses the windows, once the task's times are known."""
    logs: bool = True
    container: ChooseContainer = lambda _name: True


class TimelineSource:
    """Brings timelines from one account and region. Use it as a context manager: it owns a pool of threads."""

    def __init__(
        self, account: Account, *, now: int, region: str | None = None, progress: Progress | None = None
    ) -> None:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (with logging 3 ms, which come with the SDK)

        self.account = account
        self.ecs = Ecs(account, region=region)
        self._region = region
        self._now = now
        self._progress = progress or (lambda _lines: None)
        self._pool = ThreadPoolExecutor(PARALLEL, thread_name_prefix="aws")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def logs(self, region: str | None) -> Logs:
        """Return CloudWatch Logs of a region, by default that of the task."""
        return Logs(self.account, region=region or self._region)

    def reader(self) -> LogReader:
        """Return a reader of log streams that shares this source's threads."""
        return LogReader(self._pool, self.logs, now=self._now, progress=self._progress)

    def find(self, cluster: str, task: str) -> Task:
        """
        Return the task that is meant; the logs client is made ready while ECS is asked.

        Raises:
            NotFoundError: The cluster or the task is not known; the message names the nearest.
            AmbiguousError: More than one id begins so; the message names them.
        """
        from taskscope.sources.target import find_task  # noqa: PLC0415 (difflib and patterns, 2 ms: not for the handler)

        self.ecs.warm()
        self._pool.submit(self.logs(None).warm)
        return find_task(self.ecs, cluster, task)

    def service(self, task: Task) -> EcsService | None:
        """
        Return the service that owns the task; None for a task without one.

        Raises:
            NotFoundError: The service has been deleted.
        """
        if not task.service:
            return None
        if found := self.ecs.service(task.cluster_arn, task.service):
            return found
        raise NotFoundError(f"the service {task.service} is gone, and its events with it")

    def collect(self, task: Task, wanted: Wanted) -> Timeline:
        """
        Bring everything that is wanted of a task.

        A part that AWS does not give becomes a notice; the rest is still there.
        """
        reading = wanted.reading(task)
        notices: list[Notice] = []
        asked_service = self._pool.submit(self.service, task)
        asked_definition = self._pool.submit(self.ecs.definition, task.definition_arn) if wanted.logs else None
        definition = _answer(asked_definition, notices) if asked_definition else None
        lines = LogReading()
        if definition:
            connect = _answer(asked_service, []) if needs_service(task, definition) else None
            lines = self._lines(locate(task, definition, connect), reading, wanted, notices)
        notices.extend(gap_notice(gap, task) for gap in lines.gaps)
        service = _answer(asked_service, notices)
        notices.extend(_lost_events(service, reading))
        events = merge(
            service_events(service.events if service else (), task, reading.services),
            lifecycle(task),
            (each for each in container_states(task, now=self._now) if wanted.container(each.container or "")),
            lines.events,
        )
        return Timeline(task, events, notices, reading.unread if lines.streams else None, definition, service)

    def _lines(
        self, found: Sequence[LogStream | Unreadable], reading: Reading, wanted: Wanted, notices: list[Notice]
    ) -> LogReading:
        reader = self.reader()
        for each in distinct(each for each in found if wanted.container(each.container)):
            if isinstance(each, LogStream):
                reader.begin(each, reading.logs)
            else:
                notices.append(Notice(f"logs of container {each.container} are not in the timeline: {each.why}"))
        return reader.finish()


def _answer(asked: "Future[_T]", notices: list[Notice]) -> "_T | None":
    try:
        return asked.result()
    except TaskscopeError as error:
        notices.append(Notice.of(error))
        return None


def _lost_events(service: EcsService | None, reading: Reading) -> Iterator[Notice]:
    """Say that events may be gone which the windows would hold: ECS keeps so many, and no more."""
    if service and len(service.events) >= EVENTS_KEPT and service.events[-1].created_at > reading.services[0].start:
        yield Notice(
            f"events of service {service.name} are incomplete: ECS keeps the newest {EVENTS_KEPT},"
            " and the oldest of them is later than the beginning of this timeline"
        )


def gap_notice(gap: Gap, task: Task) -> Notice:
    """Say what is missing of a container's log, and why."""
    where = f"logs of container {gap.stream.container}"
    if isinstance(gap.error, NotFoundError):
        why = "it wrote nothing" if task.started_at else "the task never started"
        return Notice(
            f"{where}: there is no log stream {gap.stream.stream} in {gap.stream.group} ({why}, or it is gone)"
        )
    whole = "are missing" if isinstance(gap.error, DeniedError) else "are incomplete"
    return Notice.of(gap.error, about=f"{where} {whole}: ")
