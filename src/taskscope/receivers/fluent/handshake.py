"""The handshake of the Fluent forward protocol (v1): HELO, PING, PONG, where the server has a shared key. No I/O."""

import hashlib
import hmac
from typing import Final

from msgpack import BufferFull, OutOfData, Unpacker, packb  # type: ignore[import-untyped]  # it ships no types

from taskscope.errors import MalformedPayloadError

NONCE_BYTES: Final = 16
_MAX_PING_BYTES: Final = 16 << 10
"""A host name, a salt, a name and two digests of 128 characters."""
_PING_SIZE: Final = 6


class Handshake:
    """One side's part: ``hello`` first, then ``take`` what the sender answers."""

    def __init__(self, shared_key: str, server_name: str, nonce: bytes) -> None:
        self._key = shared_key.encode()
        self._name = server_name.encode()
        self._nonce = nonce
        self._received = bytearray()

    @property
    def hello(self) -> bytes:
        """The server's first message: a nonce; no user is asked for; the connection may be kept."""
        return bytes(packb(["HELO", {"nonce": self._nonce, "auth": b"", "keepalive": True}]))

    def take(self, data: bytes) -> bytes | None:
        """
        Take bytes of the sender; return its PONG once its PING is whole and right, else None: more is to come.

        Raises:
            MalformedPayloadError: It is no PING.
            RefusedError: It knows another key.
        """
        self._received += data
        reading = Unpacker(raw=True, max_buffer_size=_MAX_PING_BYTES)
        try:
            reading.feed(bytes(self._received))
            ping = reading.unpack()
        except OutOfData:
            return None
        except (BufferFull, ValueError) as error:
            raise MalformedPayloadError(f"the handshake is no PING: {error!r}") from None
        del self._received[: reading.tell()]
        return self._pong(ping)

    @property
    def rest(self) -> bytes:
        """What the sender sent after its PING."""
        return bytes(self._received)

    def _pong(self, ping: object) -> bytes:
        if not isinstance(ping, list) or len(ping) != _PING_SIZE or not all(isinstance(each, bytes) for each in ping):
            raise MalformedPayloadError("the handshake is no PING")
        kind, client, salt, digest, _user, _password = ping
        if kind != b"PING":
            raise MalformedPayloadError("the handshake is no PING")
        if not hmac.compare_digest(digest.lower(), self._digest(salt, client)):
            raise RefusedError(packb(["PONG", False, "the shared key is another", "", ""]))
        return bytes(packb(["PONG", True, "", self._name.decode(), self._digest(salt, self._name).decode()]))

    def _digest(self, salt: bytes, name: bytes) -> bytes:
        return hashlib.sha512(salt + name + self._nonce + self._key).hexdigest().encode()


class RefusedError(Exception):
    """The sender knows another key."""

    def __init__(self, pong: bytes) -> None:
        super().__init__("the shared key is another")
        self.pong = pong
        """What to tell the sender before closing."""
