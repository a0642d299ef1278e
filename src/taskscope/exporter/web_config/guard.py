"""The web configuration in force: read again when a file of it has changed."""

import logging
import socket
import ssl
import threading
from email.message import Message
from http import HTTPStatus
from pathlib import Path
from typing import TypeAlias

from taskscope.errors import UsageError
from taskscope.exporter.server.answer import Admission, say
from taskscope.exporter.web_config.bucket import Bucket
from taskscope.exporter.web_config.config import WebConfig
from taskscope.exporter.web_config.passwords import Passwords
from taskscope.exporter.web_config.read import read_web_config
from taskscope.exporter.web_config.tls import check_name, tls_context

_Mark: TypeAlias = tuple[int, int, int] | None

_logger = logging.getLogger(__name__)


class FileGuard:
    """
    Guards by a file, whose changes hold from the next connection or request on.

    While what it says is wrong, nobody gets in: neither are requests answered that it might refuse, nor is a
    certificate shown that it might have replaced. Whether there is TLS at all is decided at start.
    """

    def __init__(self, path: Path) -> None:
        """
        Read the file.

        Raises:
            UsageError: It says something wrong, or names a file that does.
        """
        self._path = path
        self._lock = threading.Lock()
        self._passwords = Passwords()
        self._bucket: Bucket | None = None
        self._failure = ""
        self._marks: tuple[_Mark, ...] = ()
        self._named: tuple[Path, ...] = ()
        self._config = WebConfig()
        self._context: ssl.SSLContext | None = None
        self._read()
        self.has_tls = self._context is not None

    def wrap(self, connection: socket.socket) -> socket.socket:
        """
        Return the connection, with TLS over it if there is TLS.

        Raises:
            UsageError: The configuration cannot be read, or has lost its TLS.
        """
        if not self.has_tls:
            return connection
        _, context = self._current()
        if context is None:
            raise UsageError(f"{self._path} has no tls_server_config any more; without TLS it takes a new start")
        return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)

    def greet(self, connection: socket.socket) -> None:
        """
        Make the handshake, and look at the client's certificate.

        Raises:
            OSError: It failed; ``ssl.SSLError`` is one.
            UsageError: The configuration cannot be read.
        """
        if isinstance(connection, ssl.SSLSocket):
            connection.do_handshake()
            config, _ = self._current()
            check_name(connection.getpeercert(), config.tls.client_allowed_sans if config.tls else ())

    def admit(self, headers: Message) -> Admission:
        """Ask for the rate limit, then for the password."""
        try:
            config, _ = self._current()
        except UsageError:
            refusal = say(HTTPStatus.INTERNAL_SERVER_ERROR, "The web configuration cannot be read; the log has more.")
            return Admission(refusal=refusal)
        if self._bucket is not None and not self._bucket.take():
            return Admission(config.headers, say(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests."))
        if config.users and not self._passwords.fit(headers.get("Authorization"), config.users):
            refusal = say(HTTPStatus.UNAUTHORIZED, "A user and a password are needed.", WWW_Authenticate="Basic")
            return Admission(config.headers, refusal)
        return Admission(config.headers)

    def _current(self) -> tuple[WebConfig, ssl.SSLContext | None]:
        """
        Return what is in force.

        Raises:
            UsageError: The file, or one that it names, is wrong since it was changed.
        """
        with self._lock:
            # What is wrong may be a file that is named and not there yet: until it is right, everything is read again.
            if self._failure or self._marks != (_mark(self._path), *map(_mark, self._named)):
                self._read_again()
            return self._config, self._context

    def _read_again(self) -> None:
        try:
            self._read()
        except UsageError as error:
            if str(error) != self._failure:
                _logger.error(  # noqa: TRY400 (the message says all, and a traceback would be of ours)
                    "the web configuration cannot be read", extra={"fields": {"error": str(error)}}
                )
            self._failure = str(error)
            raise
        self._failure = ""
        _logger.info("the web configuration was read again", extra={"fields": {"file": str(self._path)}})

    def _read(self) -> None:
        """Take over what the files say; marks are made before files are read, so that no change is missed."""
        mark = _mark(self._path)
        config = read_web_config(self._path)
        named = config.tls.files if config.tls else ()
        marks = (mark, *map(_mark, named))
        context = tls_context(config.tls) if config.tls else None
        self._config, self._context, self._named, self._marks = config, context, named, marks
        if config.rate_limit is None:
            self._bucket = None
        elif self._bucket is None or self._bucket.limit != config.rate_limit:
            self._bucket = Bucket(config.rate_limit)


def _mark(path: Path) -> _Mark:
    """Return what tells whether a file is another one than before."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
