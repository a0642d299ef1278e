"""Files on their way into the store."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from taskscope.cli.imports.run import Run
from taskscope.errors import UsageError
from taskscope.sources.imports.files import read_file
from taskscope.sources.imports.piece import Flaw


class FileImport:
    """Files, one after another."""

    def __init__(self, run: Run, *, group: str = "", only_otlp: bool = False) -> None:
        """``group`` is the log group of events that do not name theirs."""
        self._run = run
        self._group = group
        self._only_otlp = only_otlp

    def read(self, paths: Sequence[str]) -> None:
        """
        Import files; ``-`` is stdin.

        Raises:
            UsageError: A file cannot be opened.
        """
        sizes = sizes_of(paths)
        whole, before = max(sum(sizes), 1), 0
        for path, size in zip(paths, sizes, strict=True):
            self._file(path, _teller(self._run, before, whole))
            before += size
        self._run.journal.forget()

    def _file(self, path: str, at: Callable[[int], None]) -> None:
        if path == "-":
            self._pieces(sys.stdin.buffer, path, at, {}, 0)
            return
        with _opened(path) as file:
            state = os.fstat(file.fileno())
            name: dict[str, object] = {
                "file": str(Path(path).resolve()),
                "of": [state.st_ino, state.st_size, state.st_mtime_ns],
            }
            done = max((each["pieces"] for each in self._run.journal.entries() if each == {**each, **name}), default=0)
            if not self._pieces(file, path, at, name, done):
                file.seek(0)
                self._pieces(file, path, at, name, 0)

    def _pieces(
        self, file: IO[bytes], path: str, at: Callable[[int], None], name: dict[str, object], done: int
    ) -> bool:
        """Send what comes after ``done`` pieces; False if the store does not have the last of them any more."""
        number = flawed = 0
        group = self._group or Path(path).name.partition(".")[0]
        for each in read_file(file, path, group=group, only_otlp=self._only_otlp, at=at):
            if isinstance(each, Flaw):
                flawed += 1
                self._run.tally.refuse(1, f"{each.where}: {each.reason}")
                continue
            number += 1
            if number < done:
                continue
            receipt = self._run.send(each)
            if number == done and receipt.stored and not receipt.known:
                self._run.tally.refused -= flawed
                return False
            if name:
                self._run.journal.note([{**name, "pieces": number}])
        return True


def _teller(run: Run, before: int, whole: int) -> Callable[[int], None]:
    return lambda read: run.told((before + read) / whole)


def sizes_of(paths: Sequence[str]) -> list[int]:
    """
    Return the bytes of files, 0 for stdin.

    Raises:
        UsageError: One of them is not there.
    """
    return [_size(each) for each in paths]


def _size(path: str) -> int:
    try:
        return 0 if path == "-" else Path(path).stat().st_size
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _opened(path: str) -> IO[bytes]:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
