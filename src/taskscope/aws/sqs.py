"""SQS: receive messages of one queue and delete them."""

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from taskscope.aws.failures import named
from taskscope.aws.session import Account
from taskscope.errors import UsageError

BATCH: Final = 10
"""Messages of one call."""
_URL: Final = re.compile(r"https?://[^/]+/(?:[^/]+/)*\d{12}/[\w-]{1,80}(?:\.fifo)?")
_REGION: Final = re.compile(r"//(?:[\w.-]*\bsqs\.)?([a-z]{2,4}(?:-[a-z]+)+-\d)\.")
"""``sqs.eu-west-1.amazonaws.com``, an endpoint of a VPC, and the old ``eu-west-1.queue.amazonaws.com``."""


class Received(NamedTuple):
    """A message that is hidden from other readers until its visibility timeout ends."""

    id: str
    body: str
    receipt: str
    """What deletes it."""


class Queue:
    """One queue. Every method may raise a ``TaskscopeError`` of ``aws.failures``."""

    def __init__(self, account: Account, url: str) -> None:
        """
        Name the queue; nothing is asked yet.

        Raises:
            UsageError: The text is no URL of a queue.
        """
        if not _URL.fullmatch(url):
            raise UsageError(
                f"{url!r} is no URL of an SQS queue",
                hint="it reads https://sqs.REGION.amazonaws.com/ACCOUNT/NAME; aws sqs get-queue-url prints it",
            )
        self.url = url
        self._account = account
        region = _REGION.search(url)
        self._region = region[1] if region else None

    @property
    def name(self) -> str:
        """The last part of its URL."""
        return self.url.rpartition("/")[2]

    def receive(self, *, wait_seconds: int) -> list[Received]:
        """Wait for messages, up to 20 seconds; return at most ``BATCH`` (ReceiveMessage)."""
        with named(f"receive from the queue {self.name}", service="sqs"):
            answer = self._client.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=wait_seconds
            )
        return [Received(each["MessageId"], each["Body"], each["ReceiptHandle"]) for each in answer.get("Messages", ())]

    def delete(self, messages: Sequence[Received]) -> list[str]:
        """
        Delete up to ``BATCH`` messages; return why some could not be (DeleteMessageBatch).

        Its IAM action is ``sqs:DeleteMessage``.
        """
        entries = [{"Id": str(number), "ReceiptHandle": each.receipt} for number, each in enumerate(messages)]
        with named(f"remove messages from the queue {self.name}", service="sqs"):
            answer = self._client.delete_message_batch(QueueUrl=self.url, Entries=entries)
        return [f"{each['Code']}: {each.get('Message', '')}" for each in answer.get("Failed", ())]

    @property
    def _client(self) -> Any:
        return self._account.client("sqs", region=self._region)
