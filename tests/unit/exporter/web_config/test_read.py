"""The web configuration file: what it may say, and that mistakes are named."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import UsageError
from taskscope.exporter.web_config.config import RateLimit, TlsConfig, WebConfig
from taskscope.exporter.web_config.read import read_web_config
from taskscope.exporter.web_config.tls import tls_context

HASH = "$2y$10$" + "a" * 53
_TLS = {"cert_file": "a.pem", "key_file": "a.key"}


def _read(folder: Path, document: object) -> WebConfig:
    file = folder / "web.yml"
    file.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
    return read_web_config(file)


def test_everything_at_once(tmp_path: Path) -> None:
    """Files are beside the configuration unless their paths say otherwise."""
    read = _read(
        tmp_path,
        f"""
        tls_server_config:
          cert_file: server.pem
          key_file: /etc/server.key
          client_auth_type: RequireAndVerifyClientCert
          client_ca_file: ../ca.pem
          client_allowed_sans: [prometheus.example.com, 10.0.0.1]
          min_version: TLS13
          max_version: TLS13
          cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
          prefer_server_cipher_suites: false
          curve_preferences: [X25519]
        http_server_config:
          http2: false
          headers:
            X-Frame-Options: deny
            Content-Security-Policy: default-src 'none'
        basic_auth_users:
          alice: {HASH}
          7: {HASH}
        rate_limit:
          interval: 1m30s
          burst: 20
        """,
    )

    assert read.tls == TlsConfig(
        cert_file=tmp_path / "server.pem",
        key_file=Path("/etc/server.key"),
        client_ca_file=tmp_path / "../ca.pem",
        client_auth_type="RequireAndVerifyClientCert",
        client_allowed_sans=("prometheus.example.com", "10.0.0.1"),
        min_version="TLS13",
        cipher_suites=("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",),
        prefer_server_cipher_suites=False,
        curve_preferences=("X25519",),
    )
    assert read.headers == {"Content-Security-Policy": "default-src 'none'", "X-Frame-Options": "deny"}
    assert read.users == {"alice": HASH, "7": HASH}
    assert read.rate_limit == RateLimit(90.0, 20)


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "{}", "tls_server_config:\n", "http_server_config: {headers: }", "rate_limit: {interval: 0s}"],
)
def test_a_file_may_say_nothing(tmp_path: Path, text: str) -> None:
    """Then there is neither TLS nor a password."""
    assert _read(tmp_path, text) == WebConfig()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"tls_config": {}}, "no key 'tls_config' is known"),
        ({"tls_server_config": {**_TLS, "certfile": "x"}}, "tls_server_config: no key 'certfile' is known"),
        ({"http_server_config": {"http3": True}}, "http_server_config: no key 'http3'"),
        ({"http_server_config": {"headers": {"Server": "x"}}}, "headers: no key 'Server'"),
        ({"http_server_config": {"http2": "yes please"}}, "http2 cannot be 'yes please'"),
        ({"http_server_config": {"headers": {"X-Frame-Options": "never"}}}, "X-Frame-Options cannot be 'never'"),
        ({"http_server_config": {"headers": {"X-XSS-Protection": "a\nb"}}}, "X-XSS-Protection cannot be"),
        ({"rate_limit": {"interval": "soon"}}, "interval cannot be 'soon'"),
        ({"rate_limit": {"interval": "1s", "burst": -1}}, "burst cannot be -1"),
        ({"rate_limit": {"per": "1s"}}, "rate_limit: no key 'per'"),
        ({"basic_auth_users": {"alice": "secret"}}, "the password of alice is no bcrypt hash"),
        ({"basic_auth_users": ["alice"]}, "basic_auth_users holds list"),
        ({"tls_server_config": {"cert_file": "a"}}, "key_file is missing"),
        ({"tls_server_config": {"key": "a"}}, "cert_file is missing"),
        ({"tls_server_config": {**_TLS, "cert": "a"}}, "both cert and cert_file"),
        ({"tls_server_config": {**_TLS, "cert_file": ["a"]}}, r"cert_file cannot be \['a'\]"),
        ({"tls_server_config": {**_TLS, "client_ca_file": "a"}}, "no certificate is asked of them"),
        ({"tls_server_config": {**_TLS, "client_auth_type": "RequireAnyClientCert"}}, "RequireAnyClientCert"),
        ({"tls_server_config": {**_TLS, "client_auth_type": "Any"}}, "client_auth_type cannot be 'Any'"),
        ({"tls_server_config": {**_TLS, "client_allowed_sans": ["a"]}}, "client_allowed_sans needs"),
        ({"tls_server_config": {**_TLS, "cipher_suites": "a"}}, "cipher_suites cannot be 'a'"),
        ({"tls_server_config": {**_TLS, "min_version": "TLS10"}}, "min_version cannot be 'TLS10'"),
        ({"tls_server_config": {**_TLS, "min_version": "TLS13", "max_version": "TLS12"}}, "is above max_version"),
        ("- a\n", "holds list where keys and values belong"),
        ("a: [\n", r"web.yml:\d"),
        ("a: \x00", "is no YAML"),
        ("basic_auth_users: {a: 2026-99-99}", "is no YAML"),
        ("a: !!int b", "is no YAML"),
        ("a: !!int ''", "is no YAML"),
        ("a: !!bool b", "is no YAML"),
        ("a: !!timestamp b", "is no YAML"),
        ("a: !!float b", "is no YAML"),
        ("{" * 5_000, "nests too deep"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, document: object, said: str) -> None:
    """With the file, the section and the key."""
    with pytest.raises(UsageError, match=said) as raised:
        _read(tmp_path, document)
    assert "web.yml" in raised.value.message


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """Missing, or no text."""
    with pytest.raises(UsageError, match=r"web\.yml cannot be read: No such file"):
        read_web_config(tmp_path / "web.yml")
    (tmp_path / "web.yml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="no text in UTF-8"):
        read_web_config(tmp_path / "web.yml")


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    """Neither keys nor hashes, where a configuration is printed."""
    shown = repr(_read(tmp_path, {"basic_auth_users": {"a": HASH}, "tls_server_config": {"cert": "C", "key": "K3Y"}}))

    assert "K3Y" not in shown
    assert HASH not in shown


_NAMES = st.sampled_from(
    [
        *("tls_server_config", "http_server_config", "basic_auth_users", "rate_limit", "headers", "http2", "interval"),
        *("burst", "X-Frame-Options", *TlsConfig.__slots__),
    ]
)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text() | st.binary(max_size=4)
_VALUES = st.recursive(
    _SCALARS | st.sampled_from(["server.pem", "1s", "TLS12", HASH, "RequireAndVerifyClientCert"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES | st.text() | st.integers(), inner, max_size=5),
    max_leaves=12,
)
_SECTION = st.dictionaries(_NAMES, _VALUES, max_size=4)


@given(_VALUES | st.dictionaries(_NAMES, _SECTION, max_size=4))
def test_whatever_is_written_is_a_configuration_or_a_named_mistake(document: object) -> None:
    """Also of types that YAML has and a configuration has not; nothing else is raised, here or for TLS."""
    with TemporaryDirectory() as folder:
        try:
            read = _read(Path(folder), document)
            if read.tls is not None:
                tls_context(read.tls)
        except UsageError as error:
            assert error.message  # noqa: PT017 (whether it is raised is not known)
