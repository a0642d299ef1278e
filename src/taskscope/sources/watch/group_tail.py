"""The streams of watched tasks in one log group, read together: one request for all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from taskscope.aws.watched import Document, Watched
from taskscope.clock import MILLISECOND, SECOND, Clock
from taskscope.sources.watch.outlet import Outlet, What, dump, mapping
from taskscope.sources.watch.positions import Position, short_id

SECTION: Final = "logs "
"""Under which, with region and name, groups are remembered."""
SETTLE_MS: Final = 60 * SECOND // MILLISECOND
"""After a task has stopped, the last lines of its containers may take so long to arrive."""
OVERLAP_MS: Final = 30_000
"""Each look reads so much again: a line that comes later than this after its own time is not seen."""
_BEHIND_MS: Final = 4 * OVERLAP_MS
"""Streams that are further behind are read by themselves: the others would be read again as far back."""
_ARRIVAL_MS: Final = 600_000
"""After a start, tasks are found again within this time; until then nothing is concluded from not hearing of one."""
_PAGES: Final = 20
"""With events, in one look: then others have their turn."""
_FORGET_MS: Final = 3 * 3600 * 1000
"""After the end of a task: by then ECS does not tell of it, so that its stream is not taken for a new one."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One container's stream."""

    position: Position
    attributes: Mapping[str, str]
    ends: int | None = None
    """When no more can come, in epoch milliseconds; None while its task runs."""

    @property
    def is_done(self) -> bool:
        """Whether it was read to its end."""
        return self.ends is not None and self.position.since + OVERLAP_MS > self.ends

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it; of one that is done only that it is."""
        if self.is_done:
            return {"since": self.position.since, "ends": self.ends}
        return self.position.document() | {"ends": self.ends, "of": dict(self.attributes)}


class GroupTail:
    """Reads what is new in the streams that it was told of; what it was told is remembered beyond a restart."""

    def __init__(
        self, aws: Watched, group: str, region: str, outlet: Outlet, *, look_back_seconds: float, clock: Clock
    ) -> None:
        self._aws = aws
        self._group = group
        self._outlet = outlet
        self._look_back = round(look_back_seconds * 1000)
        self._clock = clock
        self._arrived = clock() // MILLISECOND + _ARRIVAL_MS
        self._section = f"{SECTION}{region} {group}"
        memory = mapping(outlet.remembered(self._section))
        self._through: int | None = memory.get("through")
        self._streams = {name: each for name, text in mapping(memory.get("streams")).items() if (each := _read(text))}
        self._claimed: set[str] = set()
        """Those of clusters that are watched now; the others only wait to be forgotten."""
        self.has_more = False
        """Whether the last look was ended before it had read all."""

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to read."""
        return not self._live()

    def tasks(self) -> Iterable[str]:
        """Return the ARNs of the tasks whose streams are not done."""
        return {each.attributes.get("aws.ecs.task.arn", "") for each in self._streams.values() if not each.is_done}

    def follow(self, stream: str, attributes: Mapping[str, str], *, created_ms: int, ends: int | None) -> None:
        """Read a stream from now on: from where it was left, else from the beginning of its task."""
        known = self._streams.get(stream)
        if known is None:
            now = self._now()
            resumed = self._through if self._through is not None and now < self._arrived else now
            oldest = min(now - self._look_back, resumed)
            position = Position(max(created_ms - OVERLAP_MS, oldest, 0))
            self._streams[stream] = Stream(position, attributes, ends)
        else:
            self._streams[stream] = replace(known, attributes=attributes, ends=ends)
        self._claimed.add(stream)

    def end(self, task_arn: str) -> None:
        """Read the streams of a task that is gone to their end."""
        for name, each in self._streams.items():
            if each.attributes.get("aws.ecs.task.arn") == task_arn:
                self._streams[name] = replace(each, ends=self._now() if each.ends is None else each.ends)
                self._claimed.add(name)

    def look(self) -> None:
        """Read what is new."""
        begun = self._clock()
        self.has_more = False
        live = self._live()
        behind = [name for name in live if self._streams[name].position.since < self._by_aws(begun) - _BEHIND_MS]
        current = [name for name in live if name not in set(behind)]
        for names in (behind, current):
            if names:
                self._read(names, begun)
        now = self._by_aws(begun)
        if not self.has_more and now >= self._arrived:
            self._through = now
            self._forget(now)

    def _read(self, names: Sequence[str], begun: int) -> None:
        """Read pages, each given away by itself; they are sorted by time, so that each moves the position on."""
        start = min(self._streams[name].position.since for name in names)
        pages = 0
        for page in self._aws.log_events(self._group, start=start, prefix=_beginning(names)):
            if not page:
                continue
            self._take(page, set(names), self._by_aws(begun))
            pages += 1
            if pages == _PAGES:
                self.has_more = True
                return
        for name in names:
            each = self._streams[name]
            self._streams[name] = replace(each, position=each.position.after({}, self._by_aws(begun) - OVERLAP_MS))

    def _take(self, page: Sequence[Document], names: set[str], now: int) -> None:
        since = min(page[-1]["timestamp"], now - OVERLAP_MS)
        fresh: dict[str, list[Document]] = {name: [] for name in names}
        for event in page:
            name = event["logStreamName"]
            if name in names and self._streams[name].position.is_new(event):
                fresh[name].append(event)
        after = dict(self._streams)
        for name, events in fresh.items():
            read = {short_id(each): each["timestamp"] for each in events}
            after[name] = replace(after[name], position=after[name].position.after(read, since))
        if any(fresh.values()):
            self._outlet.deliver(What.LOG_EVENTS, self._body(fresh), self._section, self._memory(after))
        self._streams = after

    def _body(self, fresh: Mapping[str, Sequence[Document]]) -> bytes:
        streams = {name: self._streams[name].attributes for name, events in fresh.items() if events}
        events = [
            {
                "group": self._group,
                "stream": name,
                "time_ns": each["timestamp"] * MILLISECOND,
                "message": each["message"],
                "id": each["eventId"],
                "ingested_ns": each.get("ingestionTime", 0) * MILLISECOND,
            }
            for name, events in fresh.items()
            for each in events
        ]
        return dump({"streams": streams, "events": events})

    def _memory(self, streams: Mapping[str, Stream]) -> dict[str, Any]:
        return {"through": self._through, "streams": {name: each.document() for name, each in streams.items()}}

    def _forget(self, now: int) -> None:
        after = {
            name: each
            for name, each in self._streams.items()
            if max(each.position.since, each.ends or 0) > now - _FORGET_MS - self._look_back
        }
        self._streams = after

    def _live(self) -> list[str]:
        return [name for name in self._claimed if (each := self._streams.get(name)) and not each.is_done]

    def _now(self) -> int:
        return self._by_aws(self._clock())

    def _by_aws(self, time_ns: int) -> int:
        """Return a time by AWS's clock, as lines have it: a machine that is a minute fast would not see the last."""
        return (time_ns - self._aws.ahead_ns) // MILLISECOND


def _read(document: Any) -> Stream | None:
    found, position = mapping(document), Position.of(document)
    return None if position is None else Stream(position, mapping(found.get("of")), found.get("ends"))


def _beginning(names: Sequence[str]) -> str:
    """Return what the names of all these streams begin with."""
    first, last = min(names), max(names)
    same = (number for number, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return first[: next(same, min(len(first), len(last)))]
