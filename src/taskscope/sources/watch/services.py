"""The services of a cluster: what they are, their deployments, and the lines of their history."""

from collections.abc import Sequence
from typing import Any

from taskscope.aws.watched import SERVICES_LIMIT, Document, Watched
from taskscope.clock import MILLISECOND, Clock, from_datetime
from taskscope.sources.watch.known import Known, mark_of
from taskscope.sources.watch.outlet import Outlet, mapping
from taskscope.wire.eventbridge import polled
from taskscope.wire.eventbridge.polled import Envelope


class ServicesLook:
    """Describes all services; one that is listed no more once again, since ECS still tells how it ended."""

    def __init__(self, aws: Watched, cluster_arn: str, outlet: Outlet, clock: Clock) -> None:
        self._aws = aws
        self._cluster = cluster_arn
        self._known = Known(outlet, f"services {cluster_arn}")
        self._clock = clock

    @property
    def arns(self) -> list[str]:
        """The services that there were at the last look."""
        return list(self._known.marks)

    def look(self) -> None:
        """Give away what is new."""
        listed = self._aws.service_arns(self._cluster)
        gone = [arn for arn in self._known.marks if arn not in set(listed)]
        wanted = [*gone, *listed]
        for start in range(0, len(wanted), SERVICES_LIMIT):
            self._take(self._aws.services(self._cluster, wanted[start : start + SERVICES_LIMIT]))
        if gone:
            self._known.deliver([], {}, forget=gone)

    def _take(self, services: Sequence[Document]) -> None:
        now = self._clock()
        envelopes: list[Envelope] = []
        marks: dict[str, Any] = {}
        for each in services:
            fresh, marks[each["serviceArn"]] = _news(each, mapping(self._known.marks.get(each["serviceArn"])), now)
            envelopes += fresh
        self._known.deliver(envelopes, marks)


def _news(service: Document, before: dict[str, Any], now: int) -> tuple[list[Envelope], dict[str, Any]]:
    """Return what is new of a service since it was remembered, and what is to be remembered now."""
    found: list[Envelope] = []
    mark = mark_of({name: value for name, value in service.items() if name != "events"}, now)
    if mark != before.get("mark"):
        found.append(polled.service(service, seen_ns=now))
    rollouts = mapping(before.get("rollouts"))
    for each in service.get("deployments", ()):
        if each.get("rolloutState") and rollouts.get(each["id"]) != each["rolloutState"]:
            envelope = polled.deployment(service, each)
            found += [envelope] if envelope else []
    told = set(before.get("newest", ()))
    since = before.get("newest_ms", 0)
    events = service.get("events", ())
    found += [
        polled.service_event(service, each)
        for each in reversed(events)  # AWS has the newest first
        if _ms(each) > since or (_ms(each) == since and each["id"] not in told)
    ]
    newest_ms = max([since, *map(_ms, events)])
    return found, {
        "mark": mark,
        "rollouts": {
            each["id"]: each["rolloutState"] for each in service.get("deployments", ()) if "rolloutState" in each
        },
        "newest_ms": newest_ms,
        "newest": [each["id"] for each in events if _ms(each) == newest_ms],
    }


def _ms(event: Document) -> int:
    return from_datetime(event["createdAt"]) // MILLISECOND
