"""Which clusters are watched: those that are named, or all that there are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from taskscope.aws.watched import TASKS_LIMIT, Document, Watched
from taskscope.clock import Clock
from taskscope.model.ecs import name_of
from taskscope.sources.watch.known import Known, mark_of
from taskscope.sources.watch.outlet import Outlet
from taskscope.sources.watch.troubles import Troubles
from taskscope.wire.eventbridge import polled

ALL: Final = "*"
_ACTIVE: Final = "ACTIVE"

Present: TypeAlias = Callable[[Mapping[str, Document]], None]
"""Told of the active clusters by ARN, at each look."""


class ClustersLook:
    """Describes the clusters of one region, with what Container Insights does there."""

    def __init__(
        self,
        aws: Watched,
        region: str,
        wanted: Sequence[str],
        outlet: Outlet,
        *,
        troubles: Troubles,
        present: Present,
        clock: Clock,
    ) -> None:
        """``wanted`` are names, ARNs or ``ALL``."""
        self._aws = aws
        self._wanted = wanted
        self._known = Known(outlet, f"clusters {region}")
        self._troubles = troubles
        self._present = present
        self._clock = clock

    def look(self) -> None:
        """Give away what is new, and say which of the named clusters are not there."""
        names = self._aws.cluster_names() if ALL in self._wanted else self._wanted
        found: dict[str, Document] = {}
        for start in range(0, len(names), TASKS_LIMIT):
            found |= {each["clusterArn"]: each for each in self._aws.clusters(names[start : start + TASKS_LIMIT])}
        active = {arn: each for arn, each in found.items() if each.get("status") == _ACTIVE}
        self._say_missing({name_of(arn) for arn in active})
        now = self._clock()
        marks = {arn: mark_of(each, now) for arn, each in found.items()}
        fresh = [each for arn, each in found.items() if self._known.marks.get(arn) != marks[arn]]
        gone = set(self._known.marks) - set(found)
        self._known.deliver([polled.cluster(each, seen_ns=now) for each in fresh], marks, forget=gone)
        self._present(active)

    def _say_missing(self, active: set[str]) -> None:
        for each in self._wanted:
            key = f"cluster {name_of(each)}"
            if each == ALL or name_of(each) in active:
                self._troubles.over(key, f"{key} is there: it is watched")
            else:
                self._troubles.say(key, f"{key} is not there (or not active); it is watched once it is")
