"""The parts of an API, without a server, a store or AWS."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from taskscope.api.guard import Guard
from taskscope.api.imports import Form
from taskscope.api.parts import Parts
from taskscope.api.workers import Workers
from taskscope.api.xray.sampling import Sampling
from taskscope.api.xray.state import XrayState
from taskscope.clock import fixed_clock
from taskscope.config.access import Token
from taskscope.model.batch import Signal
from taskscope.model.imported import ImportReceipt
from taskscope.model.window import Window
from taskscope.receivers.xray.answers import OwnAnswers
from taskscope.receivers.xray.rules import RuleStore
from taskscope.receivers.xray.sampling import Sampler
from taskscope.store.api import Result

NOW = 1_800_000_000_000_000_000


class Admin:
    """A store that notes what it is asked, or fails."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.asked: list[Any] = []
        self._failure = failure

    def _note(self, *what: Any) -> None:
        self.asked.append(what)
        if self._failure is not None:
            raise self._failure

    def sql(self, statement: str, parameters: Mapping[str, Any], **bounds: float) -> Mapping[str, Any]:
        """Note statement and bounds."""
        self._note(statement, parameters, bounds)
        return {"columns": ["n"], "types": ["UInt8"], "rows": [[1]], "truncated": False}

    def stats(self) -> Mapping[str, Any]:
        """Note it."""
        self._note("stats")
        return {"tables": []}

    def check(self) -> Mapping[str, Any]:
        """Note it."""
        self._note("check")
        return {"problems": []}

    def purge(self, signal: str, before_ns: int) -> Mapping[str, Any]:
        """Note what goes."""
        self._note(signal, before_ns)
        return {"signal": signal}

    def migrate(self) -> Sequence[str]:
        """Note it."""
        self._note("migrate")
        return ["spans"]


class Answering:
    """A reader that answers each question with the same rows, or fails, and notes what it is asked."""

    def __init__(self, rows: Sequence[Sequence[Any]] = (), failure: Exception | None = None) -> None:
        self.rows = rows
        self.failure = failure
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None, **_bounds: Any) -> Result:
        """Note the question."""
        self.asked.append((sql, parameters or {}))
        if self.failure is not None:
            raise self.failure
        return Result((), (), self.rows, truncated=False)


class Kept:
    """Where segment documents go."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.documents: list[str] = []
        self._failure = failure

    async def __call__(self, documents: Sequence[str], _sender: str) -> None:
        """Keep them, or fail."""
        if self._failure is not None:
            raise self._failure
        self.documents += documents


class Importing:
    """Takes everything, and notes it."""

    def __init__(self) -> None:
        self.taken: list[tuple[Signal, Form, bytes]] = []

    def known(self, traces: Sequence[bytes], _window: Window) -> Mapping[str, int]:
        """Know every trace."""
        return {each.hex(): 2 for each in traces}

    def take(self, signal: Signal, form: Form, body: bytes) -> ImportReceipt:
        """Note what came."""
        self.taken.append((signal, form, body))
        return ImportReceipt(stored=1, known=0, refused=0)


def make_parts(
    *,
    admin: Admin | None = None,
    reader: Any = None,
    read: str = "",
    write: str = "",
    folder: Path | None = None,
    keep: Kept | None = None,
    importer: Any = None,
    now: int = NOW,
) -> Parts:
    """Return parts whose clock stands still."""
    where = folder or Path(tempfile.mkdtemp())
    clock = fixed_clock(now)
    rules = RuleStore(where / "rules.json", clock=clock)
    return Parts(
        reader=reader or Answering(),
        admin=admin or Admin(),
        readers=Guard(Token(read), whose="read"),
        senders=Guard(Token(write), whose="write"),
        workers=Workers(2, "test"),
        status=lambda: {"status": "ok"},
        settings=[{"setting": "listen", "value": "127.0.0.1", "from": "default"}],
        sampling=Sampling(OwnAnswers(Sampler(rules, clock=clock)), rules),
        xray=XrayState(where / "xray.json"),
        keep_documents=keep or Kept(),
        importer=importer or Importing(),
        clock=clock,
    )
