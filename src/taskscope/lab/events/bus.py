"""The default event bus: what comes in is matched against the rules of its region and handed to their targets."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from taskscope.clock import Clock, to_datetime
from taskscope.lab.events.dispatch import Delivery, Dispatcher
from taskscope.lab.events.rules import DEFAULT_BUS, Rules
from taskscope.lab.events.transform import Origin, shape
from taskscope.lab.gateway.service import ApiError, Call, Document


class Bus:
    """The default event bus of one account in every region. All methods belong to one event loop."""

    def __init__(self, account: str, dispatcher: Dispatcher, clock: Clock) -> None:
        self.account = account
        self.dispatcher = dispatcher
        self.clock = clock
        self._rules: defaultdict[str, Rules] = defaultdict(Rules)

    def rules(self, call: Call) -> Rules:
        """
        Return the rules that a call is about.

        Raises:
            ApiError: ``ResourceNotFoundException``, the call names another bus than the default one.
        """
        name = call.params.get("EventBusName")
        if name not in {None, DEFAULT_BUS, self.arn(call.region)}:
            raise ApiError("ResourceNotFoundException", f"Event bus {name} does not exist.")
        return self._rules[call.region]

    def arn(self, region: str) -> str:
        """Return the bus's ARN."""
        return f"arn:aws:events:{region}:{self.account}:event-bus/{DEFAULT_BUS}"

    def rule_arn(self, region: str, name: str) -> str:
        """Return the ARN of a rule on this bus."""
        return f"arn:aws:events:{region}:{self.account}:rule/{name}"

    def now(self) -> str:
        """Return the time as events carry it, ISO 8601 in UTC by the second."""
        return f"{to_datetime(self.clock(), UTC):%Y-%m-%dT%H:%M:%SZ}"

    def accept(self, region: str, event: Mapping[str, Any]) -> None:
        """Queue an event for each target of each enabled rule that it matches; never waits, never raises."""
        document: Document = dict(event)
        for rule in self._rules[region]:
            if rule.enabled and rule.matches(document):
                origin = Origin(rule.arn, rule.name, self.now())
                for target in rule.targets.values():
                    payload = shape(target, document, origin)
                    self.dispatcher.submit(Delivery(region, rule.arn, target, payload))
