"""Basic authentication against bcrypt hashes, which are slow by design: what is known to fit costs nothing again."""

import base64
import binascii
import hashlib
import os
import threading
from collections.abc import Mapping
from typing import Final

import bcrypt

_MAX_WRONG: Final = 100
"""Wrong passwords that are remembered, so that a scraper with an old one costs one hash and not one each scrape."""
_BCRYPT_BYTES: Final = 72
"""Bcrypt reads no more of a password."""


class Passwords:
    """Checks the ``Authorization`` header of requests; threads share it."""

    def __init__(self) -> None:
        self._secret = os.urandom(32)
        self._right: set[bytes] = set()
        self._wrong: dict[bytes, None] = {}
        self._hashing = threading.Lock()

    def fit(self, header: str | None, users: Mapping[str, str]) -> bool:
        """Whether a header shows one of the users with the right password."""
        shown = _basic(header)
        if shown is None:
            return False
        user, password = shown
        known = users.get(user)
        # An unknown user takes as long as a known one, so that names cannot be found out by time.
        stored = known or next(iter(users.values()))
        key = self._key(user, password, stored)
        if key not in self._right and key not in self._wrong:
            self._hash(key, password, stored, is_known=known is not None)
        return key in self._right

    def _key(self, user: str, password: bytes, stored: str) -> bytes:
        """Return what stands for an attempt in memory, where no password stays."""
        parts = (user.encode(), stored.encode(), password)
        text = b"".join(len(each).to_bytes(4, "big") + each for each in parts)
        return hashlib.blake2b(text, key=self._secret, digest_size=32).digest()

    def _hash(self, key: bytes, password: bytes, stored: str, *, is_known: bool) -> None:
        """Find out whether a password fits, one at a time: a hash keeps a processor busy for 70 ms and more."""
        with self._hashing:
            if key in self._right or key in self._wrong:
                return
            if bcrypt.checkpw(password[:_BCRYPT_BYTES], stored.encode()) and is_known:
                self._right.add(key)
                return
            while len(self._wrong) >= _MAX_WRONG:
                del self._wrong[next(iter(self._wrong))]
            self._wrong[key] = None


def _basic(header: str | None) -> tuple[str, bytes] | None:
    """Return user and password of a header (RFC 7617)."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return (user.decode(), password) if colon and b"\0" not in password else None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
