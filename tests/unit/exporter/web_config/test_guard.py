"""Exporters behind a web configuration, asked over real connections."""

import base64
import os
import socket
import ssl
from pathlib import Path

import bcrypt
import pytest

from taskscope.errors import UsageError
from taskscope.exporter.server import listener
from tests.unit.exporter.certificates import Authority
from tests.unit.exporter.conftest import Log, StartExporter

_ALICE = bcrypt.hashpw(b"wonder", bcrypt.gensalt(4)).decode()
_SHOWN = {"Authorization": "Basic " + base64.b64encode(b"alice:wonder").decode()}
_ENDED = (ssl.SSLError, ConnectionError)
_USERS = f"basic_auth_users:\n  alice: {_ALICE}\n"


def _write(file: Path, text: str) -> Path:
    """Write a file whose time differs from its last one's, however fast the test is."""
    before = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(text)
    os.utime(file, ns=(before + 1_000_000_000, before + 1_000_000_000))
    return file


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Give an authority."""
    return Authority(tmp_path)


@pytest.fixture
def tls(authority: Authority) -> str:
    """Give a configuration with a certificate of it."""
    authority.sign("server")
    return "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n"


@pytest.fixture
def trust(authority: Authority) -> ssl.SSLContext:
    """Give what a client of it has."""
    return ssl.create_default_context(cafile=str(authority.file))


def test_password_is_asked_on_every_page(start_exporter: StartExporter, tmp_path: Path) -> None:
    """Health included, as exporters have it; and whatever the method."""
    exporter = start_exporter(web_config=_write(tmp_path / "web.yml", _USERS))

    for path in ("/metrics", "/", "/-/healthy", "/nowhere"):
        without = exporter.get(path)
        assert without.status == 401
        assert without.headers["WWW-Authenticate"] == "Basic"
    assert exporter.get(method="POST").status == 401
    assert exporter.get(headers=_SHOWN).status == 200
    assert exporter.get("/nowhere", _SHOWN).status == 404


def test_scrapes_over_tls(start_exporter: StartExporter, tmp_path: Path, tls: str, trust: ssl.SSLContext) -> None:
    """With the certificate of the file; without TLS nobody gets an answer."""
    exporter = start_exporter(web_config=_write(tmp_path / "web.yml", tls + _USERS))

    assert exporter.get(headers=_SHOWN, tls=trust).samples["taskscope_exporter_up"] == 1.0
    assert exporter.get(tls=trust).status == 401
    with pytest.raises(_ENDED):
        exporter.get()
    with pytest.raises(ssl.SSLCertVerificationError):
        exporter.get(tls=ssl.create_default_context())


def test_a_silent_peer_keeps_no_one_else_waiting(
    start_exporter: StartExporter, tmp_path: Path, tls: str, trust: ssl.SSLContext
) -> None:
    """Handshakes are made on the connections' own threads."""
    exporter = start_exporter(web_config=_write(tmp_path / "web.yml", tls))
    with socket.create_connection(("127.0.0.1", exporter.port)):
        assert exporter.get(tls=trust).status == 200


def test_clients_show_a_certificate_with_an_allowed_name(
    start_exporter: StartExporter, tmp_path: Path, tls: str, authority: Authority
) -> None:
    """Signed by the authority of the file."""
    asks = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"
    allows = "  client_allowed_sans: [prometheus.example]\n"
    exporter = start_exporter(web_config=_write(tmp_path / "web.yml", tls + asks + allows))

    def status(name: str | None, host: str = "") -> int:
        context = ssl.create_default_context(cafile=str(authority.file))
        if name:
            context.load_cert_chain(*authority.sign(name, host=host))
        return exporter.get(tls=context).status

    assert status("prometheus", "prometheus.example") == 200
    for name, host in ((None, ""), ("mallory", "mallory.example")):
        with pytest.raises(_ENDED):
            status(name, host)


def test_headers_and_rate_limit_hold(start_exporter: StartExporter, tmp_path: Path) -> None:
    """Headers on every answer, refusals as well."""
    text = "http_server_config: {headers: {X-Frame-Options: deny}}\nrate_limit: {interval: 1h, burst: 2}\n"
    exporter = start_exporter(web_config=_write(tmp_path / "web.yml", text))
    answers = [exporter.get("/health") for _ in range(3)]

    assert [each.status for each in answers] == [200, 200, 429]
    assert {each.headers["X-Frame-Options"] for each in answers} == {"deny"}


def test_changes_hold_from_the_next_request_on(start_exporter: StartExporter, tmp_path: Path, log: Log) -> None:
    """Also to something wrong, which lets nobody in until it is right again, and is said once."""
    file = _write(tmp_path / "web.yml", "")
    exporter = start_exporter(web_config=file)
    assert exporter.get("/health").status == 200

    _write(file, _USERS)
    assert exporter.get("/health").status == 401
    _write(file, "basic_auth: {}")
    assert [exporter.get("/health", _SHOWN).status for _ in range(3)] == [500] * 3
    file.unlink()
    assert exporter.get("/health", _SHOWN).status == 500
    _write(file, _USERS)
    assert exporter.get("/health", _SHOWN).status == 200

    errors = log.fields("the web configuration cannot be read")
    assert ["no key 'basic_auth'" in errors[0]["error"], "No such file" in errors[1]["error"]] == [True, True]
    assert len(errors) == 2


def test_a_new_certificate_is_shown_to_the_next_connection(
    start_exporter: StartExporter, tmp_path: Path, tls: str, authority: Authority, log: Log
) -> None:
    """Whatever renews it writes the same files; while they do not fit, nobody gets in."""
    exporter = start_exporter(web_config=_write(tmp_path / "web.yml", tls))

    def shown() -> bytes | None:
        context = ssl.create_default_context(cafile=str(authority.file))
        raw = socket.create_connection(("127.0.0.1", exporter.port))
        with context.wrap_socket(raw, server_hostname="localhost") as secured:
            return secured.getpeercert(binary_form=True)

    first = shown()
    key = tmp_path / "server.key"
    old = key.read_text()
    authority.sign("server")
    renewed = key.read_text()
    _write(key, old)
    with pytest.raises(_ENDED):
        shown()
    _write(key, renewed)
    second = shown()

    assert first != second
    assert "the web configuration cannot be read" in log.messages()


def test_tls_that_goes_away_is_not_replaced_by_none(
    start_exporter: StartExporter, tmp_path: Path, tls: str, trust: ssl.SSLContext
) -> None:
    """Passwords would be sent in the clear; it takes a new start."""
    file = _write(tmp_path / "web.yml", tls)
    exporter = start_exporter(web_config=file)
    _write(file, "")
    with pytest.raises(_ENDED):
        exporter.get(tls=trust)
    with pytest.raises(_ENDED):
        exporter.get()


def test_a_wrong_file_ends_the_start(start_exporter: StartExporter, tmp_path: Path) -> None:
    """With what is wrong."""
    with pytest.raises(UsageError, match="no key 'a' is known"):
        start_exporter(web_config=_write(tmp_path / "web.yml", "a: 1"))


def test_a_file_that_comes_later_than_the_one_that_names_it(
    start_exporter: StartExporter, tmp_path: Path, tls: str, authority: Authority, trust: ssl.SSLContext
) -> None:
    """Is found, though the file that names it has not changed since."""
    file = _write(tmp_path / "web.yml", tls)
    exporter = start_exporter(web_config=file)
    _write(file, tls.replace("server.", "renewed."))
    with pytest.raises(_ENDED):
        exporter.get(tls=trust)
    authority.sign("renewed")

    assert exporter.get(tls=trust).status == 200


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01\x02\x00\x01"], ids=["silent", "half"])
def test_handshakes_that_take_too_long_are_cut_off(
    start_exporter: StartExporter, tmp_path: Path, tls: str, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """Before a byte, and in the middle."""
    monkeypatch.setattr(listener, "HANDSHAKE_SECONDS", 0.2)
    exporter = start_exporter(web_config=_write(tmp_path / "web.yml", tls))
    with socket.create_connection(("127.0.0.1", exporter.port), timeout=5) as connection:
        connection.sendall(sent)
        assert connection.recv(1) == b""
