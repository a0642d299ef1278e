"""The receipt of a run: what was received, stored, forwarded and dropped."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from taskscope.counters import read_counters

_TITLES = {
    "received": "received",
    "refused": "refused, and the sender told",
    "dropped": "dropped",
    "stored": "stored",
    "forwarded": "forwarded",
    "rejected": "rejected for good",
    "invalid": "left out as invalid",
    "quarantined": "in quarantine",
    "restarts": "processes started again",
}


def total(folder: Path) -> dict[str, int]:
    """Add up the counters of all processes of a run."""
    found: dict[str, int] = {}
    if folder.is_dir():
        for path in folder.iterdir():
            for name, value in read_counters(path).items():
                found[name] = found.get(name, 0) + value
    return found


def status(path: Path) -> dict[str, Any]:
    """Return how the consumers were when they were last looked at; empty if they never were."""
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found


def lines(counters: Mapping[str, int], left_bytes: int) -> Iterator[str]:
    """Yield the receipt; what is nought is left out, but for what was dropped."""
    for group, title in _TITLES.items():
        counted = {name.partition(".")[2]: value for name, value in counters.items() if name.startswith(f"{group}.")}
        told = ", ".join(f"{value:,} {name}" for name, value in sorted(counted.items()) if value)
        if told or group in {"received", "dropped"}:
            yield f"  {title:30}{told or 'nothing'}"
    if left_bytes:
        yield f"  {'left in the spool':30}{left_bytes:,} bytes, delivered after the next start"
