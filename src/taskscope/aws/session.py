"""Who talks to AWS, and where: the standard credential chain, a region and perhaps an endpoint."""

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from taskscope.aws.failures import named
from taskscope.errors import CredentialsError, UsageError

if TYPE_CHECKING:
    from botocore.session import Session

PARALLEL: Final = 32
"""Requests under way at once, and so connections kept: more of them gets throttled (10 to 25 GetLogEvents a second)."""

_CONNECT_TIMEOUT: Final = 5
_READ_TIMEOUT: Final = 30
_ATTEMPTS: Final = 6
"""botocore's adaptive mode slows down by itself; six attempts are about ten seconds. AWS_MAX_ATTEMPTS wins."""


@dataclass
class Account:
    """
    One way into AWS. Nothing is loaded or asked before the first client is.

    botocore is used directly: it is boto3's whole engine, and 27 ms less at every start.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    role_arn: str | None = None
    """A role to act as; the credentials of the chain take it on."""
    attempts: int = _ATTEMPTS
    """For callers that repeat what fails themselves: fewer, so that they hear of it sooner."""
    read_timeout: int = _READ_TIMEOUT
    """Seconds without a byte of an answer."""
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @cached_property
    def _session(self) -> "Session":
        from taskscope.aws.sdk import new_session  # noqa: PLC0415 (0.1 s that --help need not pay)

        made = new_session(self.profile)
        if self.role_arn:
            from taskscope.aws.roles import take_role  # noqa: PLC0415 (imports botocore, as above)

            take_role(made, self.role_arn)
        return made

    @property
    def region_in_force(self) -> str | None:
        """The region asked for, else that of the environment or of the profile."""
        if self.region:
            return self.region
        with named("read the AWS configuration", service="sts"), self._lock:
            region: str | None = self._session.get_config_variable("region")
            return region or None

    def client(self, service: str, *, region: str | None = None) -> Any:
        """
        Return the client of a service, one for each region; it may be used by many threads.

        Raises:
            CredentialsError: No region is set.
            UsageError: The profile does not exist or does not work, or the endpoint is no address.
        """
        where = region or self.region_in_force
        if where is None:
            raise CredentialsError(
                f"cannot ask {service}: no AWS region is set",
                hint="give --region, or set AWS_REGION or a region in the profile",
            )
        with self._lock:
            if (service, where) not in self._clients:
                self._clients[service, where] = self._create(service, where)
            return self._clients[service, where]

    def credentials(self, region: str) -> Any:
        """
        Return keys to sign one request with, as botocore freezes them; they are renewed as they expire.

        Raises:
            CredentialsError: There are none, or they cannot be had.
        """
        doing = "sign a request"
        with named(doing, service="sts"), self._lock:
            self._prepare(doing, region)
            found = self._session.get_credentials()
            if found is None:
                raise CredentialsError(f"cannot {doing}: no AWS credentials are found")
            return found.get_frozen_credentials()

    def _create(self, service: str, region: str) -> Any:
        doing = f"prepare calls to {service}"
        with named(doing, service=service):
            config = self._prepare(doing, region)
            try:
                client = self._session.create_client(
                    service, region_name=region, endpoint_url=self.endpoint_url, config=config
                )
                _check_address(client.meta.endpoint_url)
            except ValueError as error:  # botocore has no type of its own for an endpoint that is no URL
                raise UsageError(f"cannot {doing}: {error}", hint="an endpoint reads http://127.0.0.1:5275") from None
        return client

    def _prepare(self, doing: str, region: str) -> Any:
        """Read configuration and credentials first, so that what is wrong in them is not taken for the endpoint's."""
        try:
            if not self._session.get_config_variable("region"):
                # The chain has clients of its own, which know no region but the session's: STS, for a role.
                self._session.set_config_variable("region", region)
            self._session.get_credentials()
            return self._config()
        except (OSError, ValueError) as error:  # a credential_process that is no program or prints no JSON; a number
            raise UsageError(
                f"cannot {doing}: the AWS configuration does not work: {error}",
                hint="check the profile (credential_process, max_attempts) and the AWS_* variables",
            ) from None

    def _config(self) -> Any:
        from botocore.config import Config  # noqa: PLC0415 (see _session)

        asked = self._session.get_config_variable("max_attempts")
        config = Config(
            connect_timeout=_CONNECT_TIMEOUT,
            read_timeout=self.read_timeout,
            max_pool_connections=PARALLEL,
            retries={"mode": "adaptive", "total_max_attempts": asked or self.attempts},
            user_agent_extra="taskscope",
        )
        # Live tail is at stream-logs.REGION.…: where an address is given, everything is there.
        return config.merge(Config(inject_host_prefix=False)) if self.endpoint_url else config


def _check_address(url: str) -> None:
    """
    Refuse what botocore takes but nothing can connect to.

    Raises:
        ValueError: The scheme or the port is none of HTTP's.
    """
    parts = urlsplit(url)
    _ = parts.port  # raises by itself
    if parts.scheme not in {"http", "https"}:
        raise ValueError(f"the endpoint {url} is not of http or https")
