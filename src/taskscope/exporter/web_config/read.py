"""The web configuration file, from YAML; an unknown key and a wrong value are named."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from taskscope.clock import SECOND
from taskscope.config.times import parse_duration
from taskscope.errors import UsageError
from taskscope.exporter.web_config.config import (
    CLIENT_AUTH,
    IF_GIVEN,
    NO_CERTIFICATE,
    VERIFIED,
    RateLimit,
    TlsConfig,
    WebConfig,
)
from taskscope.exporter.web_config.section import Section

_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "Content-Security-Policy": (),
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-XSS-Protection": (),
}
"""The headers that can be configured, and their values where only some make sense."""
_HASH: Final = re.compile(r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}")
_UNVERIFIED: Final = ("RequestClientCert", "RequireAnyClientCert", "RequireClientCert")
_VERSIONS: Final = ("TLS12", "TLS13")


def read_web_config(path: Path) -> WebConfig:
    """
    Read a file; paths in it are relative to its folder.

    Raises:
        UsageError: It cannot be read, is no YAML, or says something that there is not.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"web configuration {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"web configuration {path} is no text in UTF-8") from None
    except yaml.MarkedYAMLError as error:
        place = f"{path}:{error.problem_mark.line + 1}" if error.problem_mark else str(path)
        raise UsageError(f"{place}: {error.problem}", hint="it is no YAML") from None
    except RecursionError:
        raise UsageError(f"web configuration {path} nests too deep") from None
    except (
        yaml.YAMLError,
        ValueError,
        LookupError,
        AttributeError,
    ) as error:  # of values
        raise UsageError(f"web configuration {path} is no YAML: {error}") from None
    return _web_config(Section(str(path), "", document), path.parent)


def _web_config(top: Section, folder: Path) -> WebConfig:
    top.know("tls_server_config", "http_server_config", "basic_auth_users", "rate_limit")
    http = top.section("http_server_config")
    http.know("http2", "headers")
    http.flag("http2", default=True)  # HTTP/1.1 is what every client of HTTP/2 speaks as well
    tls = top.section("tls_server_config")
    return WebConfig(
        tls=_tls(tls, folder) if tls.values else None,
        headers=_headers(http.section("headers")),
        users=_users(top.section("basic_auth_users")),
        rate_limit=_rate_limit(top.section("rate_limit")),
    )


def _tls(section: Section, folder: Path) -> TlsConfig:
    section.know(*TlsConfig.__slots__)
    tls = TlsConfig(
        cert_file=_file(section, "cert_file", folder),
        key_file=_file(section, "key_file", folder),
        client_ca_file=_file(section, "client_ca_file", folder),
        cert=section.text("cert"),
        key=section.text("key"),
        client_ca=section.text("client_ca"),
        client_auth_type=_client_auth(section),
        client_allowed_sans=section.texts("client_allowed_sans"),
        min_version=section.choice("min_version", _VERSIONS, default="TLS12"),
        max_version=section.choice("max_version", _VERSIONS, default="TLS13"),
        cipher_suites=section.texts("cipher_suites"),
        prefer_server_cipher_suites=section.flag("prefer_server_cipher_suites", default=True),
        curve_preferences=section.texts("curve_preferences"),
    )
    _check_tls(section, tls)
    return tls


def _file(section: Section, key: str, folder: Path) -> Path | None:
    text = section.text(key)
    return folder / text if text else None


def _client_auth(section: Section) -> str:
    if section.values.get("client_auth_type") in _UNVERIFIED:
        raise section.wrong("client_auth_type", hint=f"certificates are verified here or not asked for: {VERIFIED}")
    return section.choice("client_auth_type", CLIENT_AUTH, default=NO_CERTIFICATE)


def _check_tls(section: Section, tls: TlsConfig) -> None:
    """Check what single values do not show."""
    for what in ("cert", "key"):
        given = bool(getattr(tls, what)), getattr(tls, f"{what}_file") is not None
        if given == (False, False):
            raise section.missing(f"{what}_file")
        if all(given):
            raise UsageError(f"{section.where}: both {what} and {what}_file are given")
    if tls.client_ca and tls.client_ca_file:
        raise UsageError(f"{section.where}: both client_ca and client_ca_file are given")
    if (tls.client_ca or tls.client_ca_file) and tls.client_auth_type == NO_CERTIFICATE:
        raise UsageError(
            f"{section.where}: a CA of clients is given, and no certificate is asked of them",
            hint=f"client_auth_type: {VERIFIED}",
        )
    if tls.client_allowed_sans and tls.client_auth_type != VERIFIED:
        raise UsageError(f"{section.where}: client_allowed_sans needs client_auth_type {VERIFIED}, not {IF_GIVEN}")
    if tls.min_version > tls.max_version:
        raise UsageError(f"{section.where}: min_version {tls.min_version} is above max_version {tls.max_version}")


def _headers(section: Section) -> Mapping[str, str]:
    section.know(*_HEADERS)
    headers = {}
    for name, values in _HEADERS.items():
        if value := section.choice(name, values, default="") if values else section.text(name):
            if not value.isprintable():
                raise section.wrong(name)
            headers[name] = value
    return headers


def _users(section: Section) -> Mapping[str, str]:
    for name in section.values:
        if not _HASH.fullmatch(section.text(name)):
            raise UsageError(
                f"{section.where}: the password of {name} is no bcrypt hash",
                hint="htpasswd -nBC 10 NAME prints one, after the colon",
            )
    return {name: section.text(name) for name in section.values}


def _rate_limit(section: Section) -> RateLimit | None:
    section.know("interval", "burst")
    if not section.values:
        return None
    burst: Any = section.values.get("burst", 0)
    if not isinstance(burst, int) or isinstance(burst, bool) or burst < 0:
        raise section.wrong("burst", hint="a whole number")
    interval = section.text("interval") or "0s"
    try:
        seconds = 0.0 if interval == "0" else parse_duration(interval) / SECOND
    except UsageError as error:
        raise section.wrong("interval", hint=error.hint) from None
    return RateLimit(seconds, burst) if seconds else None
