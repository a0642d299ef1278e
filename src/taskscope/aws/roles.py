"""Roles that are taken on with the credentials at hand. It imports botocore: load it on first use."""

from typing import Any

from botocore.credentials import AssumeRoleCredentialFetcher, Credentials, DeferredRefreshableCredentials
from botocore.session import Session

_SESSION_NAME = "taskscope"
"""What CloudTrail shows beside the role."""


def take_role(session: Session, role_arn: str) -> None:
    """Let a session act as a role from now on; STS is asked when a call is first signed, and before keys expire."""
    session.register_component("credential_provider", _RoleProvider(session, role_arn))


class _RoleProvider:
    """Stands before the standard chain, whose credentials may assume the role (sts:AssumeRole)."""

    def __init__(self, session: Session, role_arn: str) -> None:
        self._session = session
        self._role_arn = role_arn
        self._chain: Any = session.get_component("credential_provider")

    def load_credentials(self) -> Credentials | None:
        """Return keys that renew themselves; None if the chain has none to ask with."""
        source = self._chain.load_credentials()
        if source is None:
            return None
        fetcher = AssumeRoleCredentialFetcher(
            self._session.create_client, source, self._role_arn, extra_args={"RoleSessionName": _SESSION_NAME}
        )
        return DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method="assume-role")
