"""Requests and answers over HTTP: what each means, and connections that break."""

import threading
import time
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from taskscope.errors import ThrottledError, UnavailableError, UnreachableError, UsageError
from taskscope.sinks.otlp.config import OtlpSinkConfig
from taskscope.sinks.otlp.sink import OtlpSink
from taskscope.sinks.otlp.transport import pause_seconds
from tests.unit.sinks.backends import Reply, Request, serving
from tests.unit.sinks.otlp.conftest import NOW, Start, batch, names_in, partial_success


def test_connections_are_kept(start: Start) -> None:
    """Ten batches, one connection."""
    sink, backend = start()
    for number in range(10):
        sink.consume(batch("a", number=number))

    assert len({request.connection for request in backend.requests}) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_outages_are_retried(start: Start, status: int) -> None:
    """The four statuses that the specification names mean: come again; then all is well."""
    answers = [Reply(status, b"busy"), Reply()]
    sink, backend = start(lambda _: answers.pop(0))

    with pytest.raises(UnavailableError, match="busy"):
        sink.consume(batch("a"))
    assert sink.consume(batch("a")) == (1, [])
    assert names_in(backend.bodies("/v1/traces")) == ["a", "a"]


@pytest.mark.parametrize("status", [400, 404, 413, 500])
def test_other_errors_reject_the_row_with_the_receiver_s_words(start: Start, status: int) -> None:
    """They must not be retried, so the row is given up and counted."""
    sink, _ = start(lambda _: Reply(status, b"\x08\x03\x12\x0cno such name"))
    outcome = sink.consume(batch("a"))

    assert outcome.accepted == 0
    assert [each.position for each in outcome.rejected] == [0]
    assert f"{status}" in outcome.rejected[0].reason
    assert "no such name" in outcome.rejected[0].reason


def test_a_warning_is_logged_and_rejects_nothing(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """Partial success with no rejected rows is a message for people."""
    sink, _ = start(lambda _: Reply(200, partial_success(0, "old names")))

    assert sink.consume(batch("a")) == (1, [])
    assert "old names" in caplog.text


@pytest.mark.parametrize("status", [301, 401, 403, 407])
def test_what_tells_of_our_settings_keeps_the_batch(start: Start, status: int) -> None:
    """A wrong token or address is put right by a person; no telemetry is given up until then."""
    sink, _ = start(lambda _: Reply(status))

    with pytest.raises(UnavailableError, match=str(status)):
        sink.consume(batch("a"))


def test_retry_after_is_seconds_or_a_date() -> None:
    """Both of HTTP's forms are read, what does not read is no pause, and none is longer than five minutes."""
    assert pause_seconds("7") == 7
    assert pause_seconds("Tue, 14 Nov 2023 22:13:30 GMT", clock=lambda: NOW) == 10
    assert pause_seconds("Tue, 14 Nov 2023 22:13:00 GMT", clock=lambda: NOW) == 0
    assert pause_seconds("") == pause_seconds("soon") == 0
    assert pause_seconds("86400") == 300


def test_throttling_is_told_apart(start: Start) -> None:
    """429 is a ThrottledError, for those who count."""
    sink, _ = start(lambda _: Reply(429))

    with pytest.raises(ThrottledError):
        sink.consume(batch("a"))


def test_a_receiver_that_is_gone_comes_back() -> None:
    """An outage keeps the batch; on the same address it is taken later."""
    with serving(lambda _: Reply()) as backend:
        sink = OtlpSink(OtlpSinkConfig(url=backend.url))
        sink.consume(batch("a", number=1))
    with pytest.raises(UnreachableError):
        sink.consume(batch("b", number=2))
    with serving(lambda _: Reply(), port=int(backend.url.rpartition(":")[2])) as again:
        assert sink.consume(batch("b", number=2)) == (1, [])
        assert names_in(again.bodies("/v1/traces")) == ["b"]
    sink.close()


def test_a_kept_connection_that_the_receiver_closed_is_replaced(start: Start) -> None:
    """A hang-up without an answer is an outage of one request, and the next goes over a new connection."""
    answers: list[Reply | None] = [Reply(), None, Reply()]
    sink, backend = start(lambda _: answers.pop(0))
    sink.consume(batch("a", number=1))
    with pytest.raises(UnreachableError):
        sink.consume(batch("b", number=2))

    assert sink.consume(batch("b", number=2)).accepted == 1
    assert len({request.connection for request in backend.requests}) == 2


def test_an_answer_that_breaks_off_is_an_outage(start: Start) -> None:
    """Half an answer is none."""
    answers = [Reply(200, b"\x0a", broken=True), Reply()]
    sink, _ = start(lambda _: answers.pop(0))
    with pytest.raises(UnreachableError):
        sink.consume(batch("a"))

    assert sink.consume(batch("a")).accepted == 1


def test_a_slow_receiver_is_an_outage(start: Start) -> None:
    """Nobody waits longer than the setting says."""
    over = threading.Event()

    def slow(_: Request) -> Reply:
        over.wait(10)
        return Reply()

    sink, _ = start(slow, timeout_seconds=0.2)
    began = time.monotonic()
    with pytest.raises(UnreachableError):
        sink.consume(batch("a"))
    over.set()

    assert time.monotonic() - began < 5


def test_a_file_of_certificates_that_cannot_be_read_is_told_at_the_start(tmp_path: Path) -> None:
    """Nobody waits for the first batch to hear of it."""
    with pytest.raises(UsageError):
        OtlpSink(OtlpSinkConfig(url="https://127.0.0.1:1", ca_file=str(tmp_path / "none.pem")))


def test_the_proxy_of_the_environment_is_used(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """As AWS's SDK and every exporter do; addresses in ``NO_PROXY`` are spared."""
    _, backend = start()
    monkeypatch.setenv("HTTP_PROXY", backend.url)
    monkeypatch.delenv("http_proxy", raising=False)
    sink = OtlpSink(OtlpSinkConfig(url="http://collector.invalid:4318"))

    assert sink.consume(batch("a")).accepted == 1
    assert [request.path for request in backend.requests] == ["http://collector.invalid:4318/v1/traces"]
    sink.close()


def test_a_receiver_with_a_certificate_of_our_own_authority_is_trusted(tmp_path: Path) -> None:
    """With its file in the settings; without it nothing is sent to a stranger."""
    certificate = _certificate(tmp_path)
    with serving(lambda _: Reply(), certificate=certificate) as backend:
        trusting = OtlpSink(OtlpSinkConfig(url=backend.url, ca_file=str(certificate)))
        wary = OtlpSink(OtlpSinkConfig(url=backend.url))

        assert trusting.consume(batch("a")).accepted == 1
        with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
            wary.consume(batch("a"))
        assert len(backend.requests) == 1
        trusting.close()
        wary.close()


def _certificate(folder: Path) -> Path:
    """Make a certificate of loopback, signed by itself, in one file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    file = folder / "receiver.pem"
    file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
    return file
