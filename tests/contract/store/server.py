"""
A real ClickHouse server for tests: the vendor's shared library, run as a process that listens on free ports.

The library comes from the package ``@chdb/lib-linux-x64-gnu`` of npm, once, into ``.cache`` of the checkout. Its
function ``query_stable_v2`` is the main function of clickhouse-local, which can open listeners. Other releases cannot:
the version is exact, and its hash is checked.
"""

import base64
import ctypes
import hashlib
import os
import platform
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

PACKAGE: Final = "@chdb/lib-linux-x64-gnu@26.7.3-stable.1"
_SHA512: Final = "XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw=="
_CACHE: Final = Path(__file__).parents[3] / ".cache" / "clickhouse-26.7.3"
_STARTED_WITHIN_SECONDS: Final = 30
_STAY: Final = (
    "SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; SELECT sleepEachRow(1) FROM numbers(1000000) "
    "SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0 FORMAT Null"
)
"""Without a statement that runs on, the process would end."""
_CONFIG: Final = """<clickhouse><listen_host>127.0.0.1</listen_host>
<http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>
<background_distributed_schedule_pool_size>4</background_distributed_schedule_pool_size>
<max_server_memory_usage>4000000000</max_server_memory_usage><remote_servers>{clusters}</remote_servers></clickhouse>"""


class NoServerError(Exception):
    """A server cannot be had here; says why."""


def library(*, within_seconds: float = 45) -> Path:
    """
    Return the server's library, fetched if need be, in less than a test may take.

    Raises:
        NoServerError: It is not there and cannot be fetched, or is made for other machines.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise NoServerError(f"{PACKAGE} runs on Linux x86-64 only")
    if not (found := _CACHE / "libchdb.so").exists():
        _fetch(found, within_seconds)
    return found


def _fetch(target: Path, within_seconds: float) -> None:
    if (npm := shutil.which("npm")) is None:
        raise NoServerError(f"npm, which fetches {PACKAGE}, is not installed")
    folder = target.parent / f"new-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        command = [npm, "pack", PACKAGE, "--silent", "--pack-destination", str(folder)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=within_seconds)
        archives = list(folder.glob("*.tgz"))
        if done.returncode or not archives:
            raise NoServerError(f"{PACKAGE} cannot be fetched: {done.stderr.strip()[-300:]}")
        _unpack(archives[0], folder).replace(target)
    except subprocess.TimeoutExpired:
        raise NoServerError(
            f"{PACKAGE} was not fetched within {within_seconds:.0f} s; `python {__file__}` takes its time"
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(archive: Path, folder: Path) -> Path:
    with archive.open("rb") as file:
        digest = base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()
    if digest != _SHA512:
        raise NoServerError(f"{PACKAGE} has the hash {digest}, not {_SHA512}")
    with tarfile.open(archive) as content:
        [member] = [each for each in content.getmembers() if each.name.endswith("/libchdb.so")]
        member.name = "libchdb.so"
        content.extract(member, folder, filter="data")
    return folder / "libchdb.so"


def free_ports(count: int) -> list[int]:
    """Return ports that were free just now, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def cluster(name: str, tcp_ports: Sequence[int]) -> str:
    """Return the configuration of a cluster with one shard at each port."""
    shards = "".join(
        f"<shard><replica><host>127.0.0.1</host><port>{port}</port></replica></shard>" for port in tcp_ports
    )
    return f"<{name}>{shards}</{name}>"


class ClickHouse:
    """A server that lives as long as the ``with`` block."""

    def __init__(self, folder: Path, *, ports: tuple[int, int] | None = None, clusters: str = "") -> None:
        """Keep its files in this folder."""
        self._folder = folder
        self._http, self._tcp = ports or free_ports(2)
        self._clusters = clusters
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        """Where it answers over HTTP."""
        return f"http://127.0.0.1:{self._http}"

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "config.xml"
        config.write_text(_CONFIG.format(http=self._http, tcp=self._tcp, clusters=self._clusters))
        command = [sys.executable, __file__, str(library()), f"--config-file={config}", f"--path={self._folder}/data"]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--query", _STAY], cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End it by SIGKILL; safe to call twice."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _STARTED_WITHIN_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.dsn}/ping", timeout=1) as answer:  # noqa: S310 (our own server)
                    if answer.read() == b"Ok.\n":
                        return
            except OSError:
                time.sleep(0.05)
        self.kill()
        text = (self._folder / "log").read_text(errors="replace")
        raise NoServerError(f"the server does not start: {text[-1000:]}")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.stdout.write(f"{library(within_seconds=600)}\n")
        sys.exit(0)
    _arguments = [b"clickhouse", *map(os.fsencode, sys.argv[2:])]
    _argv = (ctypes.c_char_p * (len(_arguments) + 1))(*_arguments, None)
    ctypes.CDLL(sys.argv[1]).query_stable_v2(len(_arguments), _argv)
