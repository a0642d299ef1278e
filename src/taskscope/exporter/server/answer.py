"""What is answered to a request, and the two callables that a server is made of: its guard and its site."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from typing import Final, Protocol, TypeAlias

TEXT: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body."""

    status: HTTPStatus
    body: bytes
    content_type: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)


Site: TypeAlias = Callable[[str, Message], Answer]
"""Takes the path without its query, and the request's headers."""


def say(status: HTTPStatus, text: str, **headers: str) -> Answer:
    """Return an answer in plain words; underscores in the names of headers stand for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, f"{text}\n".encode(), headers=named)


@dataclass(frozen=True, slots=True)
class Admission:
    """What a guard decides about a request."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers that every answer has."""
    refusal: Answer | None = None
    """The answer instead of the site's."""


class Guard(Protocol):
    """Decides who may come in, and how."""

    def wrap(self, connection: socket.socket) -> socket.socket:
        """
        Return the connection, or TLS over it, whose handshake is still to be made.

        Raises:
            UsageError: The guard's configuration cannot be read any more.
        """

    def greet(self, connection: socket.socket) -> None:
        """
        Make the handshake of a connection that was wrapped, if there is one to make.

        Raises:
            OSError: It failed; ``ssl.SSLError`` is one.
        """

    def admit(self, headers: Message) -> Admission:
        """Decide about a request by its headers."""


class OpenGuard:
    """Lets everybody in, without TLS."""

    def wrap(self, connection: socket.socket) -> socket.socket:
        """Return the connection itself."""
        return connection

    def greet(self, connection: socket.socket) -> None:
        """Do nothing."""

    def admit(self, headers: Message) -> Admission:  # noqa: ARG002 (the guard's signature)
        """Admit it."""
        return Admission()
