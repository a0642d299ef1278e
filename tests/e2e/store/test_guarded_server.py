"""A server that shows a certificate and asks for tokens; and what it still knows after a start."""

import http.client
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.e2e.collect.collector import Collector
from tests.e2e.store.conftest import Store, logs, post

_ARN = "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef0123456789abcdef"


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate of another name than this machine's, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "collector.internal")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("collector.internal")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """Give a server with TLS and both tokens."""
    folder = tmp_path_factory.mktemp("guarded")
    certificate, key = _certificate(folder)
    env = {"TASKSCOPE_READ_TOKEN": "reader", "TASKSCOPE_WRITE_TOKEN": "sender"}
    with Collector(folder, "--tls-cert", str(certificate), "--tls-key", str(key), env=env) as running:
        yield running


def test_who_finds_a_server_trusts_the_certificate_that_it_left_there(guarded: Collector, store: Store) -> None:
    """Whatever name it is for: the data directory is ours. A server that is named has to prove its name."""
    env = {"TASKSCOPE_READ_TOKEN": "reader"}
    found = store("sql", "SELECT 7", data=guarded.data, env=env)
    named = store("sql", "SELECT 7", "--server", f"https://127.0.0.1:{guarded.ports['api']}", env=env)

    assert found.stdout == "7\n7\n", found.stderr
    assert named.returncode == 5
    assert "--tls-ca" in named.stderr


def test_each_token_is_for_its_half(guarded: Collector, store: Store, tmp_path: Path) -> None:
    """Exit code 4 without the right one; a file names one for once."""
    (tmp_path / "token").write_text("reader\n")
    purge = ("purge", "logs", "--before", "7d", "--yes")
    reader, sender = {"TASKSCOPE_READ_TOKEN": "reader"}, {"TASKSCOPE_WRITE_TOKEN": "sender"}

    assert store("stats", data=guarded.data).returncode == 4
    assert store("stats", data=guarded.data, env=sender).returncode == 4
    assert store(*purge, data=guarded.data, env=reader).returncode == 4
    assert store("stats", "--token-file", str(tmp_path / "token"), data=guarded.data).returncode == 0
    assert store(*purge, data=guarded.data, env=sender).returncode == 0


def test_every_path_of_the_port_asks_for_a_token(guarded: Collector) -> None:
    """Also that of messages; and a foreign name for this machine is refused before."""

    def ask(path: str, **headers: str) -> tuple[int, Any]:
        context = ssl._create_unverified_context()  # noqa: S323 (its own server)
        connection = http.client.HTTPSConnection("127.0.0.1", guarded.ports["api"], timeout=10, context=context)
        connection.request("POST", path, b"{}", {"content-type": "application/json", **headers})
        answer = connection.getresponse()
        document = json.loads(answer.read())
        connection.close()
        return answer.status, document

    for path in ("/v1/events", "/api/store/sql", "/api/store/purge", "/api/store/migrate"):
        assert ask(path)[0] == 401, path
        assert ask(path, host="evil.example")[0] == 403, path


def test_tasks_that_run_are_known_after_a_start(tmp_path: Path) -> None:
    """What they send is labelled, though nobody tells of them again."""
    details = [{"name": "privateIPv4Address", "value": "127.0.0.1"}]
    task = {
        "taskArn": _ARN,
        "clusterArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:3",
        "lastStatus": "RUNNING",
        "desiredStatus": "RUNNING",
        "version": 3,
        "attachments": [{"type": "eni", "details": details}],
        "containers": [],
    }
    message = {
        "version": "0",
        "id": "1",
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": "123456789012",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "eu-west-1",
        "resources": [_ARN],
        "detail": task,
    }
    with Collector(tmp_path) as collector:
        post(collector, "api", "/v1/events", json.dumps(message).encode())
        collector.until_sql("SELECT count() FROM ecs_tasks", [[1]])
        collector.stop()
        collector.start()
        post(collector, "http", "/v1/logs", logs("after"))
        collector.until_sql("SELECT ResourceAttributes['aws.ecs.task.arn'] FROM otel_logs", [[_ARN]])
