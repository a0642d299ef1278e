"""Speaking to a running lab by its API, as any AWS client does, but never to an AWS that is not on this machine."""

import ipaddress
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import botocore.session
import psutil
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, ParamValidationError
from botocore.exceptions import ConnectionError as BotoConnectionError

from taskscope import ports
from taskscope.errors import TaskscopeError, UnreachableError, UsageError

DEFAULT_REGION: Final = "us-east-1"
DEFAULT_ACCOUNT: Final = "123456789012"

_START: Final = "start a lab with `taskscope lab up`"
_NO_PROFILE: Final = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""
botocore's session variables without the environment variables that would set them: a profile in ``AWS_PROFILE`` says
nothing about a lab, and need not exist.
"""

_REACH: Final = Config(
    connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 2}, inject_host_prefix=False, proxies={}
)


@dataclass(frozen=True, slots=True)
class Lab:
    """A lab that answers, and the region to use there."""

    url: str
    region: str

    def client(self, service: str) -> Any:
        """Return a botocore client of one service; the lab takes any credentials, so the user's own are never read."""
        return plain_session().create_client(service, region_name=self.region, endpoint_url=self.url, config=_REACH)


def plain_session() -> Any:
    """Return a botocore session that reads none of the user's profiles and has made-up credentials."""
    session = botocore.session.Session(session_vars=_NO_PROFILE)
    session.set_credentials("lab", "lab")
    return session


def find_lab(endpoint_url: str | None = None, region: str | None = None) -> Lab:
    """
    Return the lab at this URL, else at ``AWS_ENDPOINT_URL``, else at the default port of this machine.

    The region is the one given, else ``AWS_REGION``, ``AWS_DEFAULT_REGION`` or us-east-1.

    Raises:
        UsageError: The URL is not one of this machine.
        UnreachableError: Nothing answers there.
    """
    url = endpoint_url or os.environ.get("AWS_ENDPOINT_URL") or f"http://127.0.0.1:{ports.LAB}"
    _check_local(url)
    place = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
    lab = Lab(url, place)
    with plain_errors(url):
        lab.client("ecs").list_clusters(maxResults=1)
    return lab


_WRONG_INPUT: Final = {"ClientException", "InvalidParameterException", "ValidationException"}


@contextmanager
def plain_errors(url: str) -> Iterator[None]:
    """
    Turn what botocore raises into errors for people.

    Raises:
        UsageError: The request does not fit the service model, or ECS says that a parameter is wrong.
        UnreachableError: Nothing answers at ``url``, or the answer broke off.
        TaskscopeError: The lab refused the request.
    """
    try:
        yield
    except ParamValidationError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        raise UsageError(f"{lines[0]} {'; '.join(lines[1:])}") from None
    except (BotoConnectionError, HTTPClientError) as error:
        raise UnreachableError(f"no lab answers at {url}: {error}", hint=_START) from None
    except ClientError as error:
        answer = error.response["Error"]
        kind = UsageError if answer["Code"] in _WRONG_INPUT else TaskscopeError
        raise kind(f"{error.operation_name}: {answer['Code']}: {answer['Message']}") from None
    except BotoCoreError as error:
        raise TaskscopeError(f"the lab at {url} did not answer as AWS does: {error}") from None


def _check_local(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{url!r} is no URL of a lab", hint=f"write it as http://127.0.0.1:{ports.LAB}")
    if not _is_of_this_machine(parts.hostname):
        raise UsageError(f"{url} is not a lab on this machine", hint=f"unset AWS_ENDPOINT_URL, or {_START}")


def _is_of_this_machine(host: str) -> bool:
    """Tell whether a host is loopback or an address of one of this machine's interfaces, such as the lab's bridge."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    own = {item.address.partition("%")[0] for items in psutil.net_if_addrs().values() for item in items}
    return address.is_loopback or host in own
