"""Bodies that nothing can be made of: kept with the reason, counted, bounded."""

import hashlib
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from taskscope.counters import Counters
from taskscope.spool.frame import Encoding, Frame, Kind

MAX_BYTES: Final = 256 * 1024 * 1024
_MAX_REASON: Final = 500
_BLOCK: Final = 4096
"""What a file takes at least on most file systems: many small bodies would fill a disk unseen."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What is known of a body in quarantine."""

    kind: str
    reason: str
    received_ns: int
    sender: str
    encoding: str
    size: int
    file: str
    """The body's file, beside its description."""


class Quarantine:
    """
    A folder of bodies, each with a description in JSON.

    A name is made of the body and its time, so that a body that comes again, or through another sink, is there once.
    """

    def __init__(self, folder: Path, counters: Counters, *, max_bytes: int = MAX_BYTES) -> None:
        self._folder = folder
        self._counters = counters
        self._max_bytes = max_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._used = sum(_on_disk(path.stat().st_size) for path in folder.iterdir())

    def keep(self, frame: Frame, reason: str) -> None:
        """Keep a body; when the folder or the disk is full it is counted only."""
        kind = _name(Kind, frame.kind)
        digest = hashlib.sha256(frame.body).hexdigest()[:16]
        body = self._folder / f"{kind}-{frame.received_ns}-{digest}.bin"
        if body.exists():
            return
        self._counters.add(f"quarantined.{kind}")
        size = _on_disk(len(frame.body)) + _BLOCK
        if self._used + size > self._max_bytes:
            self._counters.add("quarantine.full")
            return
        known = Quarantined(
            kind=kind,
            reason=reason[:_MAX_REASON],
            received_ns=frame.received_ns,
            sender=frame.sender,
            encoding=_name(Encoding, frame.encoding),
            size=len(frame.body),
            file=body.name,
        )
        try:
            _write(body.with_suffix(".json"), json.dumps(asdict(known)).encode())
            _write(body, frame.body)  # last: once it is there, nobody writes either again
        except OSError as error:
            self._counters.add("quarantine.full")
            _log.error("cannot keep a %s in quarantine, it is lost: %s", kind, error)
            return
        self._used += size


def _write(path: Path, content: bytes) -> None:
    """Write a file, wholly or not at all; threads may write the same one."""
    fresh = path.with_name(f"{path.name}.{threading.get_ident()}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _on_disk(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def list_quarantined(folder: Path) -> Iterator[Quarantined]:
    """Yield what is in quarantine, oldest first; nothing if there is no such folder. Files of others are passed by."""
    if folder.is_dir():
        found = (_read(path) for path in folder.glob("*.json"))
        yield from sorted((each for each in found if each is not None), key=lambda each: each.received_ns)


def _read(path: Path) -> Quarantined | None:
    """Return a description; None if it is none, or has been deleted meanwhile."""
    try:
        return Quarantined(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def _name(numbers: type[Kind] | type[Encoding], value: int) -> str:
    try:
        return numbers(value).name.lower()
    except ValueError:
        return f"unknown_{value}"
