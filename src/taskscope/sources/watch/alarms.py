"""CloudWatch's alarms that concern watched clusters."""

from collections.abc import Callable, Collection
from typing import Any

from taskscope.aws.watched import Watched
from taskscope.clock import Clock
from taskscope.sources.watch.known import Known, mark_of
from taskscope.sources.watch.outlet import Outlet, mapping
from taskscope.wire.eventbridge import polled


class AlarmsLook:
    """Lists all alarms of a region: CloudWatch does not find them by dimensions."""

    def __init__(
        self, aws: Watched, region: str, clusters: Callable[[], Collection[str]], outlet: Outlet, clock: Clock
    ) -> None:
        """``clusters`` returns the ARNs of those that are watched."""
        self._aws = aws
        self._clusters = clusters
        self._known = Known(outlet, f"alarms {region}")
        self._clock = clock

    def look(self) -> None:
        """Give away what is new; what is there no more is in the state ``DELETED``."""
        clusters = set(self._clusters())
        if not clusters:
            return
        found = {each["AlarmArn"]: each for each in self._aws.alarms() if _cluster_of_alarm(each) in clusters}
        now = self._clock()
        marks = {arn: {"mark": mark_of(each, now), "of": polled.dimensions_of(each)} for arn, each in found.items()}
        fresh = [each for arn, each in found.items() if self._known.marks.get(arn) != marks[arn]]
        gone = {arn: _dimensions(mark) for arn, mark in self._known.marks.items() if arn not in found}
        envelopes = [polled.alarm(each) for each in fresh]
        envelopes += [
            polled.alarm_gone(arn, names, seen_ns=now)
            for arn, names in gone.items()
            if polled.alarm_scope(arn, names)[0] in clusters  # else it is only watched no more
        ]
        self._known.deliver(envelopes, marks, forget=gone)


def _cluster_of_alarm(alarm: polled.Document) -> str:
    return polled.alarm_scope(alarm["AlarmArn"], polled.dimensions_of(alarm))[0]


def _dimensions(mark: Any) -> dict[str, str]:
    return {name: str(value) for name, value in mapping(mapping(mark).get("of")).items()}
