"""Log streams: create, delete, describe."""

from collections.abc import Mapping

from taskscope.clock import MILLISECOND, Clock
from taskscope.lab.gateway.service import Call, Document, Operation
from taskscope.lab.logs.errors import invalid, stream_exists
from taskscope.lab.logs.groups import PAGE, RegionOf
from taskscope.lab.logs.identifiers import asked_group, stream_arn
from taskscope.lab.logs.store import Group, Stream
from taskscope.lab.logs.tokens import read_key, write_key


class StreamOperations:
    """The operations on log streams."""

    def __init__(self, region_of: RegionOf, clock: Clock) -> None:
        self._region_of = region_of
        self._clock = clock
        self.operations: Mapping[str, Operation] = {
            "CreateLogStream": self._create,
            "DeleteLogStream": self._delete,
            "DescribeLogStreams": self._describe,
        }

    def _create(self, call: Call) -> Document:
        group = asked_group(call, self._region_of(call))
        name = call.params["logStreamName"]
        if name in group.streams:
            raise stream_exists()
        group.streams[name] = Stream(name, created=self._clock() // MILLISECOND)
        return {}

    def _delete(self, call: Call) -> Document:
        group = asked_group(call, self._region_of(call))
        del group.streams[group.stream(call.params["logStreamName"]).name]
        return {}

    def _describe(self, call: Call) -> Document:
        params = call.params
        group = asked_group(call, self._region_of(call))
        by_time = params.get("orderBy") == "LastEventTime"
        prefix = params.get("logStreamNamePrefix")
        if by_time and prefix is not None:
            raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        descending = params.get("descending", False)
        found = sorted((_key(stream, by_time=by_time), stream) for stream in _with_prefix(group, prefix))
        if "nextToken" in params:
            last = read_key(params["nextToken"], int, str)
            found = [pair for pair in found if (pair[0] < last if descending else pair[0] > last)]
        if descending:
            found.reverse()
        limit = params.get("limit", PAGE)
        return {
            "logStreams": [_describe(call, group, stream) for _, stream in found[:limit]],
            "nextToken": write_key(*found[limit - 1][0]) if len(found) > limit else None,
        }


def _with_prefix(group: Group, prefix: str | None) -> list[Stream]:
    return [stream for name, stream in group.streams.items() if name.startswith(prefix or "")]


def _key(stream: Stream, *, by_time: bool) -> tuple[int, str]:
    """Return what DescribeLogStreams orders by; names are unique, so that a page ends at one exact stream."""
    return (stream.events[-1].timestamp if by_time and stream.events else 0, stream.name)


def _describe(call: Call, group: Group, stream: Stream) -> Document:
    """Describe one stream; ``storedBytes`` is 0 for every stream since 2019, as AWS documents it."""
    return {
        "logStreamName": stream.name,
        "creationTime": stream.created,
        "firstEventTimestamp": stream.events[0].timestamp if stream.events else None,
        "lastEventTimestamp": stream.events[-1].timestamp if stream.events else None,
        "lastIngestionTime": stream.last_ingestion,
        "uploadSequenceToken": f"{len(stream.events) + 1:056d}",
        "arn": stream_arn(call.region, call.account, group.name, stream.name),
        "storedBytes": 0,
    }
