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

_Marks: TypeAlias = tuple[tuple[int, int, int] | None, ...]

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
        self._failed: tuple[_Marks, UsageError] | None = None
        self._marks: _Marks = ()
        self._config = WebConfig()
        self._context: ssl.SSLContext | None = None
        self._read()
        self.has_tls = self._context is not None

    def secure(self, connection: socket.socket) -> socket.socket:
        """
        Do the handshake, if there is TLS.

        Raises:
            OSError: It failed; ``ssl.SSLError`` is one.
            UsageError: The configuration cannot be read.
        """
        if not self.has_tls:
            return connection
        config, context = self._current()
        if config.tls is None or context is None:
            raise UsageError(f"{self._path} has no tls_server_config any more; without TLS it takes a new start")
        secured = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        try:
            secured.do_handshake()
            check_name(secured.getpeercert(), config.tls.client_allowed_sans)
        except BaseException:
            secured.close()
            raise
        return secured

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
            marks = self._look()
            if self._failed is not None and self._failed[0] == marks:
                raise self._failed[1]
            if marks != self._marks or self._failed is not None:
                self._read_again(marks)
            return self._config, self._context

    def _read_again(self, marks: _Marks) -> None:
        try:
            self._read()
        except UsageError as error:
            self._failed = marks, error
            _logger.error(  # noqa: TRY400 (the message says all, and a traceback would be of ours)
                "the web configuration cannot be read", extra={"fields": {"error": str(error)}}
            )
            raise
        self._failed = None
        _logger.info("the web configuration was read again", extra={"fields": {"file": str(self._path)}})

    def _read(self) -> None:
        config = read_web_config(self._path)
        context = tls_context(config.tls) if config.tls else None
        self._config, self._context = config, context
        self._marks = self._look()
        if config.rate_limit is None:
            self._bucket = None
        elif self._bucket is None or self._bucket.limit != config.rate_limit:
            self._bucket = Bucket(config.rate_limit)

    def _look(self) -> _Marks:
        """Return what tells whether a file is another one than before."""
        named = self._config.tls.files if self._config.tls else ()
        return tuple(_mark(each) for each in (self._path, *named))


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
