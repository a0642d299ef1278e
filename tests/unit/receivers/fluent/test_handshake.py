"""The handshake, against the facts of the protocol and against recorded bytes."""

import hashlib
from pathlib import Path

import pytest
from msgpack import Unpacker, packb, unpackb  # type: ignore[import-untyped]  # it ships no types

from taskscope.errors import MalformedPayloadError
from taskscope.receivers.fluent.handshake import Handshake, RefusedError

_FIXTURES = Path(__file__).parents[3] / "fixtures" / "fluent"
_NONCE = bytes(range(16))
_SALT = b"\xff\x00salt-of-16-byte"


def _digest(*parts: bytes) -> str:
    return hashlib.sha512(b"".join(parts)).hexdigest()


def _ping(key: bytes, *, name: bytes = b"app") -> bytes:
    return bytes(packb([b"PING", name, _SALT, _digest(_SALT, name, _NONCE, key), b"", b""]))


def test_recorded_handshake_is_repeated_byte_for_byte() -> None:
    """A real client spoke to another server: with that server's nonce, ours writes the same."""
    sent = (_FIXTURES / "node_Forward_ack_sharedkey.bin").read_bytes()
    replied = (_FIXTURES / "node_Forward_ack_sharedkey.reply.bin").read_bytes()
    [_, greeting] = unpackb(_first(replied))
    handshake = Handshake("shop-shared-key", "collector", greeting["nonce"])

    pong = handshake.take(sent)

    assert pong is not None
    assert replied.startswith(handshake.hello + pong)
    assert handshake.rest == sent[len(_first(sent)) :]


def _first(stream: bytes) -> bytes:
    reading = Unpacker(raw=True)
    reading.feed(stream)
    reading.skip()
    return stream[: reading.tell()]


def test_ping_may_come_in_pieces() -> None:
    """The answer waits for its last byte."""
    handshake = Handshake("key", "server", _NONCE)
    ping = _ping(b"key")

    answers = [handshake.take(bytes([each])) for each in ping]

    assert answers[:-1] == [None] * (len(ping) - 1)
    expected = _digest(_SALT, b"server", _NONCE, b"key")
    assert unpackb(answers[-1]) == ["PONG", True, "", "server", expected]


def test_other_key_is_refused_with_a_reason() -> None:
    """The sender is told, and learns nothing of our key."""
    with pytest.raises(RefusedError) as refused:
        Handshake("key", "server", _NONCE).take(_ping(b"other"))

    assert unpackb(refused.value.pong) == ["PONG", False, "the shared key is another", "", ""]


@pytest.mark.parametrize(
    "wrong",
    [
        packb(["t", 1, {}]),
        packb(["HELO", b"", b"", b"", b"", b""]),
        packb(["PING", 1, 2, 3, 4, 5]),
        packb({"PING": 1}),
        b"\xc1",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x96\xa4PING\xda\x7f\xff" + b"x" * 20_000,
    ],
)
def test_anything_else_is_malformed(wrong: bytes) -> None:
    """A sender without the key's setting, another protocol, or too much."""
    with pytest.raises(MalformedPayloadError, match="no PING"):
        Handshake("key", "server", _NONCE).take(wrong)
