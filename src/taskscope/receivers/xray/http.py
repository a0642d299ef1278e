"""The HTTP side of port 2000: the sampling polls of SDKs, and PutTraceSegments of senders that use TCP."""

import asyncio
import json
import logging
import math
import socket
from collections.abc import Sequence
from typing import Final

from taskscope.clock import Clock, system_clock
from taskscope.config.access import Allow
from taskscope.counters import Counters
from taskscope.errors import MalformedPayloadError, SpoolFullError
from taskscope.receivers.xray.answers import PATHS, Answer, SamplingAnswers, read_object
from taskscope.receivers.xray.config import XrayConfig
from taskscope.serving.asgi import Receive, Scope, Send
from taskscope.serving.connection import Limits
from taskscope.serving.server import Server
from taskscope.spool.api import Appender
from taskscope.spool.frame import Frame, Kind

SEGMENTS: Final = "/TraceSegments"

_LOG: Final = logging.getLogger(__name__)
_NAME: Final = "xray_http"
_NOTHING_LEFT: Final = Answer(200, b'{"UnprocessedTraceSegments":[]}')
_RETRY: Final = frozenset({429, 503})


class _RefusedError(Exception):
    """A request is not taken; the client is told why, with the name that AWS gives such an error."""

    def __init__(self, why: str, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.why = why
        self.status = status
        self.error_type = error_type
        self.message = message


class _GoneError(Exception):
    """The client went away before its request was whole."""


class XrayHttp:
    """
    Answers what X-Ray SDKs and daemons ask of a daemon over TCP.

    ``POST /GetSamplingRules``, ``/SamplingTargets`` and ``/SamplingStatisticSummaries`` are answered by ``answers``;
    ``POST /TraceSegments`` is kept, and answered when it is durable. Errors have the form of AWS's REST-JSON protocol.
    """

    def __init__(
        self,
        config: XrayConfig,
        spool: Appender,
        counters: Counters,
        *,
        answers: SamplingAnswers,
        allow: Allow,
        clock: Clock = system_clock,
    ) -> None:
        self._config = config
        self._spool = spool
        self._counters = counters
        self._answers = answers
        self._allow = allow
        self._clock = clock
        self._held_bytes = 0
        limits = Limits(config.max_connections, config.request_seconds, config.idle_seconds, config.grace_seconds)
        self._server = Server(self, limits, self._refused)

    async def start(self, sockets: Sequence[socket.socket]) -> None:
        """Receive on listening sockets, which are closed by ``stop``."""
        await self._server.start(sockets)

    async def stop(self) -> None:
        """Take no more, answer what is under way within the grace period; twice is as good as once."""
        await self._server.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = [(b"content-type", b"application/json")]
        try:
            answer = await self._answer(scope, receive)
        except _RefusedError as refused:
            self._refused(refused.why)
            answer = Answer(refused.status, json.dumps({"Message": refused.message}).encode())
            headers.append((b"x-amzn-errortype", refused.error_type.encode()))
            if refused.why == "slow":
                headers.append((b"connection", b"close"))
        except _GoneError:
            self._refused("gone")
            return
        if answer.status in _RETRY:
            headers.append((b"retry-after", str(math.ceil(self._config.retry_seconds)).encode()))
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        sender = scope["client"][0] if scope["client"] else ""
        path = scope["path"]
        if not self._allow.admits(sender):
            raise _RefusedError("not_allowed", 403, "AccessDeniedException", f"{sender} may not send")
        # No SDK sends an origin, and every browser does: no page may write through the user's own machine.
        if any(name == b"origin" for name, _ in scope["headers"]):
            raise _RefusedError("origin", 403, "AccessDeniedException", "web pages may not send")
        if path not in PATHS and path != SEGMENTS:
            raise _RefusedError("path", 404, "UnknownOperationException", "there is no such operation")
        if scope["method"] != "POST":
            raise _RefusedError("method", 405, "UnknownOperationException", "the method must be POST")
        return await self._take(path, sender, receive)

    async def _take(self, path: str, sender: str, receive: Receive) -> Answer:
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(self._config.request_seconds):
                body = await self._read(receive, parts)
            return await (self._keep(body, sender) if path == SEGMENTS else self._poll(path, body))
        except TimeoutError:
            raise _RefusedError("slow", 503, "ServiceUnavailable", "the body took too long") from None
        except MalformedPayloadError as error:
            raise _RefusedError("framing", 400, "InvalidRequestException", error.message) from None
        finally:
            self._held_bytes -= sum(map(len, parts))

    async def _read(self, receive: Receive, parts: list[bytes]) -> bytes:
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            parts.append(message["body"])
            size += len(message["body"])
            self._held_bytes += len(message["body"])
            if size > self._config.max_body_bytes:
                limit = self._config.max_body_bytes
                raise _RefusedError("size", 413, "InvalidRequestException", f"the body is larger than {limit} bytes")
            if self._held_bytes > self._config.max_held_bytes:
                raise _RefusedError("busy", 503, "ServiceUnavailableException", "too much is under way")
            more = message["more_body"]
        return b"".join(parts)

    async def _poll(self, path: str, body: bytes) -> Answer:
        try:
            answer = await self._answers.answer(path, body)
        except MalformedPayloadError:
            raise
        except Exception as error:
            _LOG.warning("no answer to %s: %r", path, error)
            raise _RefusedError("unanswered", 503, "ServiceUnavailableException", "no answer was to be had") from error
        self._counters.add("polled.xray")
        return answer

    async def _keep(self, body: bytes, sender: str) -> Answer:
        documents = _documents(body)
        if not documents:
            return _NOTHING_LEFT
        content = json.dumps(documents, separators=(",", ":")).encode()
        try:
            await self._spool.append([Frame(Kind.XRAY_DOCUMENTS, self._clock(), content, sender=sender)])
        except SpoolFullError as error:
            raise _RefusedError("full", 429, "ThrottledException", error.message) from None
        except Exception as error:
            _LOG.warning("the spool did not keep a request: %r", error)
            raise _RefusedError("storage", 503, "ServiceUnavailableException", "nothing could be kept") from error
        self._counters.add(f"received.{_NAME}")
        self._counters.add(f"received_bytes.{_NAME}", len(content))
        return _NOTHING_LEFT

    def _refused(self, why: str) -> None:
        self._counters.add(f"refused.{_NAME}.{why}")


def _documents(body: bytes) -> list[str]:
    """
    Return the segment documents of a PutTraceSegments request, each the text that it came as.

    Raises:
        MalformedPayloadError: The body is no such request.
    """
    documents = read_object(body).get("TraceSegmentDocuments")
    if not isinstance(documents, list) or not all(isinstance(each, str) for each in documents):
        raise MalformedPayloadError("TraceSegmentDocuments must be a list of strings")
    return documents
