"""A container without an engine: a program of a built image, as its user, with its environment and no other."""

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from taskscope.lab.client.watch import until
from tests.deploy.dockerfile import Image


def python_for_everyone() -> str:
    """Return an interpreter that the image's user can reach, as it would be that of the base image."""
    for path in (getattr(sys, "_base_executable", sys.executable), "/usr/bin/python3", "/usr/local/bin/python3"):
        known = Path(path).resolve()
        reachable = known.exists() and all(each.stat().st_mode & stat.S_IXOTH for each in (known, *known.parents))
        if reachable or (known.exists() and os.getuid() != 0):
            code = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
            if not subprocess.run([known, "-c", code], check=False, capture_output=True).returncode:
                return str(known)
    return pytest.skip("no Python 3.11 with ensurepip that another user can run")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


class Container:
    """The image's program as its user, with nothing of this process's environment, on a root that it cannot change."""

    def __init__(self, image: Image, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.image, self.log = image, log
        zero = {name: value.replace(":2000", ":0") for name, value in image.environment().items()}
        free = {f"TASKSCOPE_{name}_PORT": "0" for name in ("XRAY", "OTLP_GRPC", "OTLP_HTTP", "STATSD", "FLUENT")}
        self.environment = zero | free | {"TASKSCOPE_HEALTH_PORT": str(_free_port())} | environment
        self.user = int(image.file.last(image.target, "USER").text.partition(":")[0])
        self.process = self._start([*image.file.last(image.target, "ENTRYPOINT").command, *command])

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        program = shutil.which(command[0], path=self.environment["PATH"])
        assert program is not None
        assert program.startswith(str(self.image.root))
        user = self.user if os.getuid() == 0 else None
        groups: list[str | int] | None = [] if os.getuid() == 0 else None
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [program, *command[1:]], env=self.environment, cwd=self.image.root, stdout=log, stderr=log,
                user=user, group=user, extra_groups=groups,
            )  # fmt: skip

    def run(self, *command: str) -> int:
        """Run another command in the container, and return its exit code."""
        return self._start(list(command)).wait(timeout=20)

    def address(self, what: str) -> tuple[str, int]:
        """Return where the collector says that it listens, which it may do after it is well."""
        line = re.compile(rf"^  {re.escape(what)} +(\S+):(\d+)$", re.MULTILINE)
        assert until(lambda: line.search(self.log.read_text()) is not None, at_most=20)
        [(host, port)] = line.findall(self.log.read_text())
        return host, int(port)


def files_of(root: Path, volume: Path) -> dict[str, tuple[int, float]]:
    """Return what is below the root with sizes and times, but for the volume."""
    return {
        str(path): (path.lstat().st_size, path.lstat().st_mtime)
        for path in root.rglob("*")
        if not path.is_relative_to(volume) and path != volume
    }


def left_by(user: int) -> list[Path]:
    """Return files of a user in the places where everyone may write."""
    shared = [Path(each) for each in ("/tmp", "/var/tmp", "/dev/shm", "/run")]
    return [path for folder in shared if folder.is_dir() for path in folder.iterdir() if path.lstat().st_uid == user]
