"""The container instances of a cluster, and the cluster itself."""

from taskscope.aws.watched import TASKS_LIMIT, Document, Watched
from taskscope.clock import Clock
from taskscope.sources.watch.known import Known, mark_of
from taskscope.sources.watch.outlet import Outlet
from taskscope.wire.eventbridge import polled


class InstancesLook:
    """Describes all container instances of a cluster."""

    def __init__(self, aws: Watched, cluster_arn: str, outlet: Outlet, clock: Clock) -> None:
        self._aws = aws
        self._cluster = cluster_arn
        self._known = Known(outlet, f"instances {cluster_arn}")
        self._clock = clock

    def look(self) -> None:
        """Give away what is new."""
        listed = self._aws.instance_arns(self._cluster)
        for start in range(0, len(listed), TASKS_LIMIT):
            found = self._aws.instances(self._cluster, listed[start : start + TASKS_LIMIT])
            now = self._clock()
            marks = {each["containerInstanceArn"]: mark_of(each, now) for each in found}
            fresh = [each for each in found if self._is_news(each, marks)]
            envelopes = [polled.container_instance(each, self._cluster, seen_ns=now) for each in fresh]
            self._known.deliver(envelopes, marks)
        if gone := set(self._known.marks) - set(listed):
            self._known.deliver([], {}, forget=gone)

    def _is_news(self, instance: Document, marks: dict[str, str]) -> bool:
        arn = instance["containerInstanceArn"]
        return self._known.marks.get(arn) != marks[arn]
