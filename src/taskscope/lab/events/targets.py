"""The targets that live in the lab itself: Lambda functions and CloudWatch log groups."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

from taskscope.clock import MILLISECOND, Clock, system_clock
from taskscope.lab.events.dispatch import Deliver, Delivery, DeliveryError
from taskscope.lab.events.gateway_targets import QueueTarget, Sender, TopicTarget
from taskscope.lab.gateway.service import ApiError
from taskscope.lab.logs.api import LogLine, LogWriter

InvokeEvent: TypeAlias = Callable[[str, str, bytes], Awaitable[None]]
"""
Invokes a function asynchronously: region, function ARN, payload. Returns when Lambda has accepted the event, which
retries by itself; raises ``ApiError`` when it does not accept.
"""

_GROUP_PREFIX: Final = "/aws/events/"


def all_targets(invoke: InvokeEvent, logs: LogWriter, sender: Sender) -> Mapping[str, Deliver]:
    """Return the way to every target that the lab has, by the service in the target's ARN."""
    return {
        "lambda": FunctionTarget(invoke),
        "logs": LogGroupTarget(logs),
        "sqs": QueueTarget(sender),
        "sns": TopicTarget(sender),
    }


class FunctionTarget:
    """A Lambda function, invoked asynchronously."""

    def __init__(self, invoke: InvokeEvent) -> None:
        self._invoke = invoke

    async def __call__(self, delivery: Delivery) -> None:
        """Hand the event to Lambda."""
        try:
            await self._invoke(delivery.region, delivery.arn, delivery.payload.encode())
        except ApiError as error:
            raise DeliveryError(str(error)) from error


class LogGroupTarget:
    """A log group under ``/aws/events/``: one log event for each event, in one stream for each rule."""

    def __init__(self, logs: LogWriter, *, clock: Clock = system_clock) -> None:
        self._logs = logs
        self._clock = clock

    async def __call__(self, delivery: Delivery) -> None:
        """Write the event."""
        group = delivery.arn.partition(":log-group:")[2].removesuffix(":*")
        if not group.startswith(_GROUP_PREFIX):
            raise DeliveryError(f"the name of a log group that is a target begins with {_GROUP_PREFIX}")
        stream = str(uuid.uuid5(uuid.NAMESPACE_URL, delivery.rule_arn))
        line = LogLine(self._clock() // MILLISECOND, delivery.payload or " ")  # CloudWatch takes no empty message
        try:
            self._logs.create_stream(delivery.region, group, stream)
            self._logs.put(delivery.region, group, stream, [line])
        except ApiError as error:
            raise DeliveryError(str(error)) from error
