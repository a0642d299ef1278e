"""What a policy is narrowed to: an account, a region, names; and ARNs in it. Standard library only."""

import re
from dataclasses import dataclass
from typing import Final

from taskscope.errors import UsageError

_ACCOUNT: Final = re.compile(r"\d{12}")
_REGION: Final = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d")
_ARN: Final = re.compile(r"arn:aws[a-z-]*:(?P<service>sns|sqs):[a-z0-9-]+:\d{12}:[\w-]+(?:\.fifo)?")
_PARTITIONS: Final = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "eusc-": "aws-eusc",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
}
"""By the beginning of a region's name; all other regions are of ``aws``."""
_FUNCTION: Final = re.compile(r"[\w-]{1,64}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a policy is narrowed to; ``*`` stands for any."""

    account: str = "*"
    region: str = "*"
    function: str = "*"
    topic_arn: str | None = None
    queue_arn: str | None = None
    dead_letter_arn: str | None = None

    def __post_init__(self) -> None:
        checks = (
            ("account", self.account, _ACCOUNT, "123456789012"),
            ("region", self.region, _REGION, "eu-west-1"),
            ("function name", self.function, _FUNCTION, "taskscope"),
        )
        for what, value, shape, example in checks:
            if value != "*" and not shape.fullmatch(value):
                raise UsageError(f"{value!r} is no {what}", hint=f"write it as {example}")
        for service, arn in (("sns", self.topic_arn), ("sqs", self.queue_arn), ("sqs", self.dead_letter_arn)):
            found = _ARN.fullmatch(arn) if arn is not None else None
            if arn is not None and (found is None or found["service"] != service):
                raise UsageError(f"{arn!r} is no ARN of {service}", hint=f"arn:aws:{service}:REGION:ACCOUNT:NAME")

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in this scope."""
        return f"arn:{self._partition}:{service}:{self.region}:{self.account}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource that is in no region."""
        return f"arn:{self._partition}:{service}::{self.account}:{resource}"

    def plain_arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource whose ARN names no account."""
        return f"arn:{self._partition}:{service}:{self.region}::{resource}"

    @property
    def _partition(self) -> str:
        return next((name for prefix, name in _PARTITIONS.items() if self.region.startswith(prefix)), "aws")
