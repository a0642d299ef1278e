"""The targets that live behind the gateway, SQS queues and SNS topics: reached as any client does, by its URL."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Final, Protocol

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from taskscope.lab.client.connection import plain_session
from taskscope.lab.events.dispatch import Delivery, DeliveryError

_CONFIG: Final = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2}, proxies={})


class Sender(Protocol):
    """Calls an API operation of a service that the lab does not own."""

    async def __call__(self, service: str, region: str, method: str, params: dict[str, Any]) -> None:
        """
        Call ``method`` (in botocore's spelling, ``send_message``) with ``params``.

        Raises:
            DeliveryError: The service refused, or did not answer.
        """


class GatewaySender:
    """
    Sends with botocore to the gateway's own URL, in a thread: the gateway answers on the loop that must not block.

    ``endpoint`` is asked at the first call, when the gateway listens. The user's AWS settings are not read.
    """

    def __init__(self, endpoint: Callable[[], str]) -> None:
        self._endpoint = endpoint
        self._lock = threading.Lock()  # botocore's sessions make one client at a time, its clients are thread-safe
        self._clients: dict[tuple[str, str], Any] = {}
        self._session = plain_session()

    async def __call__(self, service: str, region: str, method: str, params: dict[str, Any]) -> None:
        """Call one operation."""
        try:
            await asyncio.to_thread(self._call, service, region, method, params)
        except (BotoCoreError, ClientError) as error:
            raise DeliveryError(str(error)) from error

    def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _call(self, service: str, region: str, method: str, params: dict[str, Any]) -> None:
        getattr(self._client(service, region), method)(**params)

    def _client(self, service: str, region: str) -> Any:
        with self._lock:
            key = (service, region)
            if key not in self._clients:
                self._clients[key] = self._session.create_client(
                    service, region_name=region, endpoint_url=self._endpoint(), config=_CONFIG
                )
            return self._clients[key]


def _place(arn: str) -> tuple[str, str, str]:
    """Return region, account and name of a queue's or topic's ARN."""
    parts = arn.split(":")
    return parts[3], parts[4], parts[5]


class QueueTarget:
    """An SQS queue: one message for each event."""

    def __init__(self, sender: Sender) -> None:
        self._send = sender

    async def __call__(self, delivery: Delivery) -> None:
        """Send the event as a message."""
        region, account, name = _place(delivery.arn)
        params = {"QueueUrl": f"https://sqs.{region}.amazonaws.com/{account}/{name}", "MessageBody": delivery.payload}
        group = delivery.target.get("SqsParameters", {}).get("MessageGroupId")
        await self._send("sqs", region, "send_message", params | ({"MessageGroupId": group} if group else {}))


class TopicTarget:
    """An SNS topic: one message for each event."""

    def __init__(self, sender: Sender) -> None:
        self._send = sender

    async def __call__(self, delivery: Delivery) -> None:
        """Publish the event."""
        region, _, _ = _place(delivery.arn)
        await self._send("sns", region, "publish", {"TopicArn": delivery.arn, "Message": delivery.payload})
