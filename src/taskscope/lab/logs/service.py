"""CloudWatch Logs of the embedded AWS: the API, and what the rest of the lab writes below it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from taskscope.clock import MILLISECOND, Clock
from taskscope.lab.gateway.service import Call, Operation
from taskscope.lab.logs.api import LogLine
from taskscope.lab.logs.filtering import FilteringOperations
from taskscope.lab.logs.groups import GroupOperations
from taskscope.lab.logs.identifiers import check_names
from taskscope.lab.logs.ingestion import IngestionOperations
from taskscope.lab.logs.live_tail import INTERVAL_SECONDS, SESSION_SECONDS, LiveTails
from taskscope.lab.logs.reading import ReadingOperations
from taskscope.lab.logs.seeding import SeedStream, read_log_groups
from taskscope.lab.logs.store import Group, Region, Stream
from taskscope.lab.logs.streams import StreamOperations


class LogsService:
    """
    Answers CloudWatch Logs for every region, and is the lab's ``LogWriter``.

    All calls happen on the lab's event loop. ``tail_interval`` and ``tail_session`` are seconds between updates of a
    live tail and until its end: AWS's, unless a test shortens them.
    """

    name = "logs"
    whole = True

    def __init__(
        self, *, clock: Clock, tail_interval: float = INTERVAL_SECONDS, tail_session: float = SESSION_SECONDS
    ) -> None:
        self._clock = clock
        self._regions: defaultdict[str, Region] = defaultdict(Region)
        self.live_tails = LiveTails(self._region_of, interval=tail_interval, session=tail_session)
        self.operations: Mapping[str, Operation] = {
            **GroupOperations(self._region_of, clock).operations,
            **StreamOperations(self._region_of, clock).operations,
            **IngestionOperations(self._region_of, clock, self.live_tails.arrived).operations,
            **ReadingOperations(self._region_of).operations,
            **FilteringOperations(self._region_of).operations,
            **self.live_tails.operations,
        }

    def _region_of(self, call: Call) -> Region:
        return self._regions[call.region]

    def create_group(self, region: str, group: str) -> None:
        """
        Create a log group; an existing one stays as it is.

        Raises:
            ApiError: ``InvalidParameterException``, CreateLogGroup would not take the name.
        """
        check_names(logGroupName=group)
        self._open_group(region, group)

    def create_stream(self, region: str, group: str, stream: str) -> None:
        """
        Create a log stream; an existing one stays as it is.

        Raises:
            ApiError: ``ResourceNotFoundException``, the group does not exist; ``InvalidParameterException``,
                CreateLogStream would not take the name.
        """
        check_names(logStreamName=stream)
        self._regions[region].group(group).streams.setdefault(stream, Stream(stream, created=self._now()))

    def put(self, region: str, group: str, stream: str, lines: Sequence[LogLine]) -> None:
        """
        Append lines in this order.

        Raises:
            ApiError: ``ResourceNotFoundException``, the group or stream does not exist.
        """
        state = self._regions[region]
        into_group = state.group(group)
        into_stream = into_group.stream(stream)
        now = self._now()
        events = state.make_events((line.timestamp, line.message, now) for line in lines)
        into_stream.insert(events)
        self.live_tails.arrived(region, into_group, into_stream, events)

    def seed(self, region: str, log_groups: Sequence[Any]) -> None:
        """
        Load the ``logGroups`` of a recorded state, of any age; nothing is loaded if something is wrong.

        Raises:
            UsageError: The groups do not read as such; the text says where.
        """
        for group in read_log_groups(log_groups):
            self._open_group(region, group.name)
            for stream in group.streams:
                self._seed_stream(region, group.name, stream)

    def _open_group(self, region: str, name: str) -> None:
        self._regions[region].groups.setdefault(name, Group(name, created=self._now()))

    def _seed_stream(self, region: str, group: str, recorded: SeedStream) -> None:
        """Load one stream, which then is as old as its first event."""
        state, now = self._regions[region], self._now()
        created = min((timestamp for timestamp, _, _ in recorded.events), default=now)
        stream = state.group(group).streams.setdefault(recorded.name, Stream(recorded.name, created=created))
        stream.insert(
            state.make_events(
                (timestamp, message, now if ingested is None else ingested)
                for timestamp, message, ingested in recorded.events
            )
        )

    def _now(self) -> int:
        return self._clock() // MILLISECOND
