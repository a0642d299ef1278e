"""A full disk: senders are told to come again, nothing acknowledged is lost, and it goes on when there is room."""

import http.client
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.collect.collector import Collector
from tests.e2e.collect.conftest import missing
from tests.e2e.collect.load import Promises, body, send_http

SIZE = 48 << 20
RETRYABLE = {429, 503}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of 48 MiB; making one takes root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        missing.append(f"A FULL DISK WAS NOT TRIED: no tmpfs can be mounted here: {done.stderr.strip()}")
        pytest.skip(missing[-1])
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_loses_nothing_acknowledged(small_disk: Path) -> None:
    """
    Spool and store on a disk that is filled to the last byte under load, and freed again: senders are refused
    meanwhile, what was acknowledged before and after is stored once, and no process ends.
    """
    promises = Promises()
    with Collector(small_disk) as running:
        connection = http.client.HTTPConnection("127.0.0.1", running.ports["http"], timeout=10)
        send(connection, promises, range(1, 51))
        pids = running.pids()
        fill(small_disk / "junk")
        send(connection, promises, range(51, 251))

        assert len(promises.refused) > 100
        assert running.health()["status"] in {"ok", "degraded"}
        (small_disk / "junk").unlink()
        running.until(lambda: send_http(connection, body("other", 1))[0] == 200)
        send(connection, promises, range(251, 301))
        connection.close()
        assert set(range(251, 301)) <= promises.acknowledged
        promises.check(running, "disk")
        assert running.pids() == pids


def send(connection: http.client.HTTPConnection, promises: Promises, numbers: range) -> None:
    """Send requests of 8 kB, and note what became of each."""
    for number in numbers:
        status, _ = send_http(connection, body("disk", number, padding=400))
        assert status == 200 or status in RETRYABLE
        (promises.acknowledged if status == 200 else promises.refused).add(number)


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
