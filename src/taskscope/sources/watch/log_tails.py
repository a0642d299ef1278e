"""The log lines of watched tasks, as far as they go to CloudWatch Logs by the driver awslogs."""

from collections.abc import Callable, Iterable, Sequence

from taskscope.aws.watched import Document, Watched
from taskscope.clock import MILLISECOND
from taskscope.errors import NotFoundError
from taskscope.model.ecs import Task, TaskDefinition
from taskscope.sources.log_streams import LogStream, distinct, locate
from taskscope.sources.watch.attributes import container_attributes, task_attributes
from taskscope.sources.watch.group_tail import SECTION, SETTLE_MS, GroupTail
from taskscope.sources.watch.schedule import Look
from taskscope.sources.watch.tools import RARELY, Tools


class LogTails:
    """Finds the stream of each container and has it followed until its task has ended."""

    def __init__(self, aws: Callable[[str], Watched], tools: Tools) -> None:
        """``aws`` gives what is asked of a region."""
        self._aws = aws
        self._tools = tools
        self._waiting: dict[str, Document] = {}
        self._placed: dict[str, tuple[int, str]] = {}
        self._definitions: dict[str, TaskDefinition | None] = {}
        self._tails: dict[tuple[str, str], tuple[GroupTail, Look]] = {}
        self._place = tools.look("the task definitions", self._place_all, lambda: 1)
        for section in tools.outlet.sections(SECTION):
            region, _, group = section.removeprefix(SECTION).partition(" ")
            self._tail(region, group)

    def described(self, tasks: Sequence[Document]) -> None:
        """Take notice of tasks; where they log is found out at the next turn."""
        for each in tasks:
            arn, state = each["taskArn"], (int(each.get("version", 0)), str(each.get("lastStatus")))
            if self._placed.get(arn) != state:
                self._placed[arn] = state
                self._waiting[arn] = each
        if self._waiting:
            self._tools.schedule.hurry(self._place)

    def gone(self, arns: Iterable[str]) -> None:
        """Take notice of tasks that ECS does not know any more."""
        for arn in arns:
            self._placed.pop(arn, None)
            for tail, _ in self._tails.values():
                tail.end(arn)

    def _place_all(self) -> None:
        for arn, document in list(self._waiting.items()):
            task = Task.from_document(document)
            definition = self._definition(task.definition_arn, task.region or "")
            if definition is not None:
                self._follow(task, document, definition)
            del self._waiting[arn]

    def _definition(self, arn: str, region: str) -> TaskDefinition | None:
        """Return a task definition, asked for once; None where it is not there any more."""
        if arn not in self._definitions:
            try:
                document = self._aws(region).definition(arn)
            except NotFoundError:
                self._definitions[arn] = None
            else:
                self._definitions[arn] = TaskDefinition.from_document(document)
        return self._definitions[arn]

    def _follow(self, task: Task, document: Document, definition: TaskDefinition) -> None:
        known = task_attributes(task)
        ends = (task.stopped_at or self._tools.clock()) // MILLISECOND + SETTLE_MS if task.stopped else None
        for each in distinct(locate(task, definition, None)):
            if isinstance(each, LogStream):
                tail, look = self._tail(each.region or task.region or "", each.group)
                attributes = {**known, **container_attributes(document, each.container)}
                tail.follow(each.stream, attributes, created_ms=task.created_at // MILLISECOND, ends=ends)
                self._tools.schedule.hurry(look)

    def _tail(self, region: str, group: str) -> tuple[GroupTail, Look]:
        if (region, group) not in self._tails:
            config = self._tools.config
            tail = GroupTail(
                self._aws(region),
                group,
                region,
                self._tools.outlet,
                look_back_seconds=config.watch_look_back_seconds,
                clock=self._tools.clock,
            )
            look = self._tools.look(f"log group {group}", tail.look, lambda: _intervals(tail))
            self._tails[region, group] = tail, look
        return self._tails[region, group]


def _intervals(tail: GroupTail) -> float:
    if tail.has_more:
        return 0
    return RARELY if tail.is_idle else 1
