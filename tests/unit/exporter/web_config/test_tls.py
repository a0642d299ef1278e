"""TLS contexts of web configurations."""

import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from taskscope.errors import UsageError
from taskscope.exporter.web_config.config import TlsConfig
from taskscope.exporter.web_config.tls import check_name, tls_context
from tests.unit.exporter.certificates import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Give an authority."""
    return Authority(tmp_path)


def test_versions_suites_and_curve_are_chosen(authority: Authority) -> None:
    """By the names that Go has for them."""
    certificate, key = authority.sign("server")
    context = tls_context(
        TlsConfig(
            cert_file=certificate,
            key_file=key,
            max_version="TLS12",
            cipher_suites=("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"),
            curve_preferences=("CurveP384",),
        )
    )
    of_tls_12 = [each["name"] for each in context.get_ciphers() if each["protocol"] == "TLSv1.2"]

    assert context.maximum_version == ssl.TLSVersion.TLSv1_2
    assert of_tls_12 == ["ECDHE-RSA-AES256-GCM-SHA384"]
    assert context.verify_mode == ssl.CERT_NONE


def test_texts_do_instead_of_files(authority: Authority) -> None:
    """As secrets come into a container."""
    certificate, key = authority.sign("server")
    context = tls_context(
        TlsConfig(
            cert=certificate.read_text(),
            key=key.read_text(),
            client_auth_type="VerifyClientCertIfGiven",
            client_ca=authority.file.read_text(),
        )
    )

    assert context.verify_mode == ssl.CERT_OPTIONAL
    assert len(context.get_ca_certs()) == 1


def test_mistakes_are_named(authority: Authority, tmp_path: Path) -> None:
    """With the file, or the name that is not known."""
    certificate, key = authority.sign("server")
    other, _ = authority.sign("other")
    wrong = {
        "cannot be read: No such file": TlsConfig(cert_file=tmp_path / "none", key_file=key),
        "no certificate and its key": TlsConfig(cert_file=key, key_file=key),
        r"other\.pem and .*server\.key are no": TlsConfig(cert_file=other, key_file=key),
        "'TLS_NULL' is not known": TlsConfig(cert_file=certificate, key_file=key, cipher_suites=("TLS_NULL",)),
        "'P256' is not known": TlsConfig(cert_file=certificate, key_file=key, curve_preferences=("P256",)),
        "one curve": TlsConfig(cert_file=certificate, key_file=key, curve_preferences=("X25519", "CurveP256")),
        "holds no certificate": TlsConfig(
            cert_file=certificate, key_file=key, client_auth_type="RequireAndVerifyClientCert", client_ca_file=key
        ),
        "client_ca_file .* cannot be read": TlsConfig(
            cert_file=certificate,
            key_file=key,
            client_auth_type="RequireAndVerifyClientCert",
            client_ca_file=tmp_path / "none",
        ),
    }
    for said, config in wrong.items():
        with pytest.raises(UsageError, match=said):
            tls_context(config)


def test_an_encrypted_key_asks_nobody_for_its_password(authority: Authority) -> None:
    """A sidecar has no terminal."""
    certificate, key = authority.sign("server")
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(
        loaded.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(UsageError, match="no certificate and its key"):
        tls_context(TlsConfig(cert_file=certificate, key_file=key))


def test_a_clients_name_has_to_be_allowed() -> None:
    """Any of its alternative names, of any kind."""
    certificate = {"subjectAltName": (("DNS", "a.example"), ("IP Address", "10.0.0.1"), ("URI", "spiffe://x/y"))}

    check_name(certificate, ())
    check_name(None, ())
    for allowed in ("a.example", "10.0.0.1", "spiffe://x/y"):
        check_name(certificate, ("other", allowed))
    for shown in (certificate, None, {}):
        with pytest.raises(ssl.SSLError, match="client_allowed_sans"):
            check_name(shown, ("b.example",))
