"""The settings that all sinks of AWS share: which account, which region, in whose name."""

import re
from dataclasses import dataclass, replace
from typing import Final

from taskscope.aws.session import Account
from taskscope.config.setting import setting
from taskscope.errors import UsageError

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,23}")
"""Short enough for the names of counters, and fit for a file's name."""
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+")
_ATTEMPTS: Final = 2
"""Of one call; what fails then comes again from the spool."""
_READ_TIMEOUT: Final = 10
"""With two attempts a call is over within the 30 s that ECS gives a task to stop."""
_MOST_PARALLEL: Final = 32


@dataclass(frozen=True)
class AwsCaller:
    """Who signs calls to AWS; the standard credential chain unless told otherwise."""

    region: str = setting("", help="Region of AWS; empty takes that of the environment or profile.")
    profile: str = setting("", help="Profile of the AWS configuration; empty takes the standard credential chain.")
    role_arn: str = setting("", help="ARN of an IAM role to act as; the credentials at hand must be able to assume it.")
    parallel: int = setting(8, help="Requests under way at once, over all batches.")

    def validate(self) -> None:
        """
        Check what can be checked without a call.

        Raises:
            UsageError: It names the setting and its value.
        """
        if self.role_arn and not _ROLE.fullmatch(self.role_arn):
            raise UsageError(f"role-arn {self.role_arn!r} is no role", hint="it reads arn:aws:iam::ACCOUNT:role/NAME")
        if not 1 <= self.parallel <= _MOST_PARALLEL:
            raise UsageError(f"parallel {self.parallel} is not between 1 and {_MOST_PARALLEL}")

    def account(self) -> Account:
        """Return the way into AWS; nothing is loaded or asked before the first call."""
        return Account(
            profile=self.profile or None,
            region=self.region or None,
            role_arn=self.role_arn or None,
            attempts=_ATTEMPTS,
            read_timeout=_READ_TIMEOUT,
        )


@dataclass(frozen=True)
class AwsTarget(AwsCaller):
    """Who calls an AWS service, and where."""

    endpoint_url: str = setting("", help="Address to call instead of AWS's own, such as that of a VPC endpoint.")

    def validate(self) -> None:
        """
        Check what can be checked without a call.

        Raises:
            UsageError: It names the setting and its value.
        """
        super().validate()
        if self.endpoint_url and not self.endpoint_url.startswith(("http://", "https://")):
            raise UsageError(f"endpoint-url {self.endpoint_url!r} is no address", hint="it begins with https://")

    def account(self) -> Account:
        """Return the way into AWS; nothing is loaded or asked before the first call."""
        return replace(super().account(), endpoint_url=self.endpoint_url or None)


def check_name(name: str) -> None:
    """
    Check the name of a sink, which is that of its cursor and part of its counters' names.

    Raises:
        UsageError: It is too long, or has other characters than small letters, digits and hyphens.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name of a sink", hint="small letters, digits and hyphens, 24 at most")
