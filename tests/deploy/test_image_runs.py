"""The images' steps, carried out without an engine: what comes of them starts, works, and ends as ECS expects it."""

import json
import re
import signal
import socket
import tempfile
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from taskscope.lab.client.watch import until
from taskscope.lab.threaded import ThreadedAws
from tests.deploy.container import Container, files_of, left_by, python_for_everyone
from tests.deploy.dockerfile import Dockerfile, Image

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
FILE = Dockerfile(ROOT / "deploy" / "image" / "Dockerfile")
VOLUME = "/var/lib/taskscope"
USER = 10001


@pytest.fixture
def image() -> Iterator[Callable[[str], Image]]:
    """Give a factory for images; they lie where every user can reach them."""
    with ExitStack() as stack:

        def build(target: str) -> Image:
            root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="image-")))
            root.chmod(0o755)
            made = Image(FILE, target, context=ROOT, root=root, python=python_for_everyone())
            made.build()
            return made

        yield build


def test_sidecar_of_the_image_forwards_and_ends_with_a_receipt(
    image: Callable[[str], Image], aws: ThreadedAws, tmp_path: Path
) -> None:
    """
    Built by the file's steps, started by its entry point with the X-Ray daemon's flags, asked by its health check.

    It writes to its volume and to nothing else: the rest of its root stays as it was, byte for byte.
    """
    built = image("collect")
    volume = Path(built.rooted(VOLUME))
    before = files_of(built.root, volume)
    elsewhere = left_by(USER)
    container = Container(built, ["-o", "-n", aws.region], aws.environment, tmp_path / "log")
    check = FILE.last("collect", "HEALTHCHECK").command
    assert until(lambda: container.run(*check) == 0, at_most=30)
    host, port = container.address("X-Ray segments (UDP)")
    trace = f"1-6553f100-{5:024x}"
    document = {"name": "image", "id": "70de5b6f19ff9a0a", "trace_id": trace, "start_time": 1.0, "end_time": 2.0}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b'{"format":"json","version":1}\n' + json.dumps(document).encode(), ("127.0.0.1", port))
    client = aws.client("xray")
    assert until(lambda: client.batch_get_traces(TraceIds=[trace])["Traces"] != [], at_most=20)
    healthcheck = (built.root / "healthcheck").read_text().partition("\n")
    assert healthcheck[0] == "#!/opt/taskscope/bin/python"
    assert container.run("python", str(built.root / "healthcheck")) == 0

    container.process.send_signal(signal.SIGTERM)

    assert container.process.wait(timeout=30) == 0
    told = container.log.read_text()
    assert host == "0.0.0.0"  # noqa: S104 (compared: a linked container reaches it)
    assert re.search(r"receipt\n  received +1 xray\n  dropped +nothing\n  forwarded +1 xray.spans\n", told), told
    assert "Traceback" not in told
    assert container.run(*check) == 5
    assert files_of(built.root, volume) == before
    assert left_by(USER) == elsewhere
    assert (volume / "spool").is_dir()


def test_server_of_the_image_wants_a_token_and_stores(image: Callable[[str], Image], tmp_path: Path) -> None:
    """It listens on every address, so it does not start for strangers; with a token it keeps what comes."""
    built = image("serve")
    volume = Path(built.rooted(VOLUME))
    before = files_of(built.root, volume)
    elsewhere = left_by(USER)
    refused = Container(built, [], {"TASKSCOPE_PORT": "0"}, tmp_path / "refused")
    assert refused.process.wait(timeout=20) == 2
    assert "a token is needed" in refused.log.read_text()

    tokens = {"TASKSCOPE_WRITE_TOKEN": "w", "TASKSCOPE_READ_TOKEN": "r", "TASKSCOPE_PORT": "0"}
    container = Container(built, [], tokens, tmp_path / "log")
    assert until(lambda: container.run(*FILE.last("serve", "HEALTHCHECK").command) == 0, at_most=60)
    _, port = container.address("StatsD (UDP)")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"orders:1|c", ("127.0.0.1", port))
    container.process.send_signal(signal.SIGTERM)

    assert container.process.wait(timeout=30) == 0
    told = container.log.read_text()
    assert re.search(r"received +1 statsd\n  dropped +nothing\n  stored +1 metrics\n", told), told
    assert files_of(built.root, volume) == before
    assert left_by(USER) == elsewhere


def test_exporter_of_the_image_answers_and_writes_nothing(image: Callable[[str], Image], tmp_path: Path) -> None:
    """With what its lock has, TLS and passwords included."""
    built = image("exporter")
    web = built.root / "web.yml"
    web.write_text("basic_auth_users: {a: $2b$04$A0Jy0VcW6EbTQ9GnoENVcOa4FxTtcMXUeut1POb/BxCP/Q7whDUOW}\n")
    before = files_of(built.root, Path("/none"))
    elsewhere = left_by(USER)
    options = ["--mock", "--mock-port", "0", "--port", "0", "--web.config.file", str(web)]
    container = Container(built, options, {}, tmp_path / "log")
    assert until(lambda: "listening" in container.log.read_text(), at_most=30), container.log.read_text()
    address = json.loads(container.log.read_text().splitlines()[0])["address"]
    url = f"http://127.0.0.1:{address.rpartition(':')[2]}/metrics"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(url, timeout=10)
    shown = urllib.request.Request(url, headers={"Authorization": f"Basic {b64encode(b'a:' + b'x' * 72).decode()}"})
    with urllib.request.urlopen(shown, timeout=10) as answer:  # noqa: S310 (of the line above)
        assert b"taskscope_exporter_up 1.0" in answer.read()
    container.process.send_signal(signal.SIGTERM)

    assert container.process.wait(timeout=30) == 0
    assert files_of(built.root, Path("/none")) == before
    assert left_by(USER) == elsewhere
