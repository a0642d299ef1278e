"""CloudWatch Logs as a source of `taskscope logs`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Self

from taskscope.aws.ecs import Ecs
from taskscope.aws.functions import Functions
from taskscope.aws.log_search import LogSearch
from taskscope.aws.session import Account
from taskscope.aws.stacks import Stacks
from taskscope.clock import Clock, system_clock
from taskscope.errors import DeniedError, NotFoundError
from taskscope.model.log_reading import LogBatch, LogEntry, LogQuestion, LogSelection
from taskscope.sources.logs.containers import ContainerPlaces
from taskscope.sources.logs.follow import LogFollower
from taskscope.sources.logs.functions import FunctionPlaces
from taskscope.sources.logs.groups import find_groups, is_glob, live_arn
from taskscope.sources.logs.pace import DEFAULT_PACE, Pace
from taskscope.sources.logs.place import LogPlace, distinct
from taskscope.sources.logs.window import Progress, read_window
from taskscope.sources.target import parse

_READERS: Final = 8
"""Pages under way at once: FilterLogEvents allows 5 to 10 calls a second in an account and region."""

_NAMED: Final = 3


class AwsLogs:
    """The logs of one account. Use it as a context manager: it owns a pool of threads."""

    name = "aws"

    def __init__(
        self,
        account: Account,
        *,
        live: bool = True,
        pace: Pace = DEFAULT_PACE,
        clock: Clock = system_clock,
        progress: Progress = lambda _lines: None,
    ) -> None:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (with logging 3 ms, which come with the SDK)

        self._progress = progress
        self._account = account
        self._live = live
        self._pace = pace
        self._clock = clock
        self._pool = ThreadPoolExecutor(_READERS, thread_name_prefix="logs")
        self._notices: list[str] = []
        self._found: dict[LogSelection, list[LogPlace]] = {}
        self._ends: dict[LogSelection, int | None] = {}
        self._arns: dict[tuple[str, str | None], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def describe(self, selection: LogSelection) -> str:
        """Name the first groups."""
        names = list(dict.fromkeys(each.group for each in self.places(selection)))
        more = f" and {len(names) - _NAMED} more groups" if len(names) > _NAMED else ""
        return f"CloudWatch Logs: {', '.join(names[:_NAMED])}{more}"

    def has(self, selection: LogSelection) -> bool:
        """Whether everything that is named exists."""
        try:
            return bool(self.places(selection))
        except NotFoundError:
            return False

    def end_of(self, selection: LogSelection) -> int | None:
        """Return when the task stopped, where one is meant."""
        self.places(selection)
        return self._ends.get(selection)

    def read(self, question: LogQuestion) -> Iterator[LogEntry]:
        """Yield the lines of a window, as ``LogSource`` says."""
        places = self.places(question.selection)
        return read_window(
            places, question.window, question.pattern, search=self._search, pool=self._pool, progress=self._progress
        )

    def follow(self, question: LogQuestion) -> Iterator[LogBatch]:
        """Yield what is there and what comes, as ``LogSource`` says."""
        selection = question.selection
        grows = any(is_glob(each) for each in selection.groups) or (selection.of_ecs and not selection.task)
        follower = LogFollower(
            self.places(selection),
            question.window.start,
            search=self._search,
            pool=self._pool,
            pattern=question.pattern,
            live=self._live,
            pace=self._pace,
            clock=self._clock,
            progress=self._progress,
            find=(lambda: self._resolved(selection, [])) if grows else None,
        )
        return follower.follow()

    def take_notices(self) -> list[str]:
        """Return, once, what is to be said."""
        notices, self._notices = self._notices, []
        return notices

    def groups(self) -> Iterator[str]:
        """Yield the names of all log groups."""
        return (each.name for each in self._search(None).groups())

    def functions(self, selection: LogSelection) -> list[str]:
        """Return the names of the functions that are meant, those of a stack included."""
        return [name for each in self.places(selection) if (name := each.labels.get("function"))]

    def places(self, selection: LogSelection) -> list[LogPlace]:
        """
        Return where the lines that are meant are.

        Raises:
            NotFoundError: Something that is named does not exist, or nothing of it can be read.
        """
        if selection not in self._found:
            self._found[selection] = self._resolved(selection, self._notices)
        if not self._found[selection]:
            raise NotFoundError("nothing of what was named writes a log that can be read", hint=self._why())
        return self._found[selection]

    def _why(self) -> str | None:
        return "; ".join(self.take_notices()) or None

    def _resolved(self, selection: LogSelection, notices: list[str]) -> list[LogPlace]:
        here = self._account.region_in_force
        found = self._resolve(selection, notices)
        return distinct(replace(each, region=None) if each.region == here else each for each in found)

    def _resolve(self, selection: LogSelection, notices: list[str]) -> Iterator[LogPlace]:
        search = self._search(None)
        for name in selection.groups:
            yield from find_groups(self._search, name)
        if selection.functions or selection.stack:
            finder = FunctionPlaces(Functions(self._account), Stacks(self._account), search, self._pool, notices)
            yield from finder.find(selection.functions, selection.stack)
        if selection.of_ecs:
            region = parse(selection.cluster, selection.task).region
            containers = ContainerPlaces(Ecs(self._account, region=region), region, self._live_arn, notices)
            yield from containers.find(selection)
            self._ends[selection] = containers.task.stopped_at if containers.task else None

    def _live_arn(self, group: str, region: str | None) -> str:
        if (group, region) not in self._arns:
            try:
                found = self._search(region).group(group)
            except DeniedError:
                found = None
            self._arns[group, region] = live_arn(found) if found else ""
        return self._arns[group, region]

    def _search(self, region: str | None) -> LogSearch:
        return LogSearch(self._account, region=region)
