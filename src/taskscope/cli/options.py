"""Options that commands share: who talks to AWS, the zone of times, the form of output."""

import functools
import os
import sys
from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Any, TypeVar

import click

from taskscope.aws.session import Account
from taskscope.clock import system_clock
from taskscope.config.times import parse_duration, parse_instant
from taskscope.errors import UsageError

_F = TypeVar("_F", bound=Callable[..., Any])


class DurationType(click.ParamType[int]):
    """A duration such as ``90s`` or ``1h30m``, in nanoseconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text."""
        if isinstance(value, int):
            return value
        try:
            return parse_duration(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)


class InstantType(click.ParamType[int]):
    """A moment: ISO 8601, or a time ago such as ``5m``; in nanoseconds since the epoch."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text."""
        if isinstance(value, int):
            return value
        try:
            return parse_instant(value, now=system_clock())
        except UsageError as error:
            self.fail(str(error), param, ctx)


DURATION = DurationType()
INSTANT = InstantType()


def aws_options(command: _F) -> _F:
    """Give a command ``--profile``, ``--region`` and ``--endpoint-url`` and pass them on as ``account``."""

    @click.option("--profile", help="Profile of the AWS configuration. [default: AWS_PROFILE]")
    @click.option("--region", help="AWS region. [default: AWS_REGION, then the profile's]")
    @click.option("--endpoint-url", help="Address of an AWS-like endpoint. [default: AWS_ENDPOINT_URL]")
    @functools.wraps(command)
    def with_account(
        *args: Any, profile: str | None, region: str | None, endpoint_url: str | None, **kwargs: Any
    ) -> Any:
        # botocore knows AWS_DEFAULT_REGION only; AWS_REGION is what every other SDK and Lambda speak.
        asked = region or os.environ.get("AWS_REGION") or None
        return command(*args, account=Account(profile, asked, endpoint_url), **kwargs)

    return with_account  # type: ignore[return-value]


def zone(*, utc: bool) -> tzinfo | None:
    """Return the zone that times are shown in; None is the local one."""
    return UTC if utc else None


def wants_color(choice: str) -> bool:
    """Whether output is coloured: ``auto`` colours a terminal, unless ``NO_COLOR`` is set."""
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return choice == "always"
