"""SNS: publish a report."""

from typing import Any

from taskscope.aws.failures import named
from taskscope.aws.session import Account
from taskscope.errors import UsageError


def publish(account: Account, topic_arn: str, *, subject: str, message: str, dedup_id: str) -> None:
    """
    Publish to a topic in the region that its ARN names (Publish).

    ``dedup_id`` lets a FIFO topic drop repeats; a standard topic knows none. The caller keeps to SNS's limits.

    Raises:
        UsageError: The text is no topic's ARN.
        TaskscopeError: AWS did not take it.
    """
    parts = topic_arn.split(":")
    if len(parts) != 6 or parts[2] != "sns":  # noqa: PLR2004 (arn:partition:sns:region:account:name)
        raise UsageError(
            f"{topic_arn!r} is not the ARN of an SNS topic", hint="it reads arn:aws:sns:REGION:ACCOUNT:NAME"
        )
    request: dict[str, Any] = {"TopicArn": topic_arn, "Subject": subject, "Message": message}
    if topic_arn.endswith(".fifo"):
        request |= {"MessageGroupId": "taskscope", "MessageDeduplicationId": dedup_id}
    with named(f"publish to {topic_arn}", service="sns"):
        account.client("sns", region=parts[3]).publish(**request)
