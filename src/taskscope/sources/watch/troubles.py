"""What goes wrong while watching: said once, and once more when it is over."""

import logging
from typing import Final

from taskscope.errors import CredentialsError, TaskscopeError

_LOG: Final = logging.getLogger(__name__)
_CREDENTIALS: Final = "credentials"
"""All that fails for their sake is one trouble."""


class Troubles:
    """Remembers what was said."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def failed(self, what: str, error: TaskscopeError) -> None:
        """Say that a look has failed, if that is news."""
        if isinstance(error, CredentialsError):
            self.say(_CREDENTIALS, f"watching waits: {error}")
        else:
            self.say(what, f"{what} cannot be watched for now: {error}")

    def worked(self, what: str) -> None:
        """Say that a look works again, if it did not."""
        self.over(_CREDENTIALS, "watching goes on: the AWS credentials work again")
        self.over(what, f"{what}: watched again")

    def say(self, key: str, text: str) -> None:
        """Say something, unless it was said of this key last."""
        if self._said.get(key) != text:
            self._said[key] = text
            _LOG.warning("%s", text)

    def over(self, key: str, text: str) -> None:
        """Say that it is over, if anything was said of this key."""
        if self._said.pop(key, None) is not None:
            _LOG.warning("%s", text)
