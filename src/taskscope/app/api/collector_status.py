"""How a collector is, for its API: what the process that watches the others says, and what all have counted."""

import json
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.error import HTTPError

from taskscope import __version__
from taskscope.app.processes import receipt
from taskscope.app.processes.folders import Folders
from taskscope.client.find import find_health
from taskscope.errors import TaskscopeError
from taskscope.pipeline.quarantine import list_quarantined
from taskscope.store.engine import Store
from taskscope.store.stats import table_stats

_SECONDS: Final = 2.0


class CollectorStatus:
    """Called for each answer; slow where the store is."""

    def __init__(self, store: Callable[[], Store], folders: Folders) -> None:
        """``store`` returns the open store, or raises why there is none."""
        self._store = store
        self._folders = folders

    def __call__(self) -> Mapping[str, Any]:
        """Return ``/healthz`` of the collector, as it is at this moment, with counters and the store's size."""
        counters = receipt.total(self._folders.counters)
        looked = receipt.status(self._folders.status)
        health = self._health() or {
            "status": "unknown",
            "problems": ["the process that watches the others does not answer"],
            "version": __version__,
            "processes": {},
            "spool_bytes": looked.get("spool_bytes", 0),
            "consumers": looked.get("consumers", {}),
        }
        return {
            **health,
            "lag_seconds": round(max(0.0, time.time() - looked["time"]), 3) if "time" in looked else None,
            "counters": counters,
            "dropped": _of(counters, "dropped"),
            "refused": _of(counters, "refused"),
            "watch": _of(counters, "watch"),
            "sampling": {**_of(counters, "sampled_out"), **_of(counters, "sampling")},
            "quarantined": sum(1 for _ in list_quarantined(self._folders.quarantine)),
            "store": self._size(),
        }

    def _health(self) -> dict[str, Any] | None:
        """Ask the process that watches; None where it does not answer, as in a command that opens the store itself."""
        url = find_health(self._folders.root)
        if url is None:
            return None
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{url}/healthz", timeout=_SECONDS) as answer:
                found: dict[str, Any] = json.load(answer)
        except HTTPError as error:
            with error:
                found = json.load(error)
        except (OSError, ValueError):
            return None
        return found

    def _size(self) -> dict[str, Any]:
        """Return what the store holds, or what it says of why it does not answer."""
        try:
            tables: Sequence[Any] = table_stats(self._store())
        except TaskscopeError as error:
            return {"rows": 0, "bytes_on_disk": 0, "tables": [], "trouble": str(error)}
        return {
            "rows": sum(each.rows for each in tables),
            "bytes_on_disk": sum(each.bytes_on_disk for each in tables),
            "tables": [each._asdict() for each in tables],
        }


def _of(counters: Mapping[str, int], group: str) -> dict[str, int]:
    """Return the counters of a group by the rest of their names."""
    return {name.partition(".")[2]: value for name, value in counters.items() if name.startswith(f"{group}.")}
