"""The TLS context of a web configuration, and the check of what clients show."""

import contextlib
import os
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from taskscope.errors import UsageError
from taskscope.exporter.web_config.config import IF_GIVEN, VERIFIED, TlsConfig

_VERSIONS: Final = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
_SUITES: Final[Mapping[str, str]] = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
}
"""What Go calls the suites of TLS 1.2, as crypto/tls.CipherSuites() lists them, and what OpenSSL calls them."""
_OF_TLS_13: Final = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
"""Always offered: neither Go nor Python lets them be chosen."""
_CURVES: Final = {"CurveP256": "prime256v1", "CurveP384": "secp384r1", "CurveP521": "secp521r1", "X25519": "X25519"}


def tls_context(config: TlsConfig) -> ssl.SSLContext:
    """
    Return the context of a server.

    Raises:
        UsageError: A file cannot be read, or holds something else; a suite or curve is not known.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[config.min_version]
    context.maximum_version = _VERSIONS[config.max_version]
    if config.prefer_server_cipher_suites:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    _load_certificate(context, config)
    _ask_clients(context, config)
    _choose_suites(context, config.cipher_suites)
    _choose_curve(context, config.curve_preferences)
    return context


def _load_certificate(context: ssl.SSLContext, config: TlsConfig) -> None:
    with contextlib.ExitStack() as texts:
        certificate = config.cert_file or texts.enter_context(_as_file(config.cert))
        key = config.key_file or texts.enter_context(_as_file(config.key))
        try:
            # An empty password, or OpenSSL would ask for one at the terminal.
            context.load_cert_chain(certificate, key, password="")
        except ssl.SSLError as error:
            named = f"{config.cert_file or 'cert'} and {config.key_file or 'key'}"
            raise UsageError(f"{named} are no certificate and its key in PEM: {error}") from None
        except OSError as error:
            raise UsageError(f"{config.cert_file} or {config.key_file} cannot be read: {error.strerror}") from None


@contextlib.contextmanager
def _as_file(text: str) -> Iterator[Path]:
    """Give a text as the file that OpenSSL wants; in memory where there are such files."""
    if hasattr(os, "memfd_create"):  # a sidecar's file system may be read-only
        with os.fdopen(os.memfd_create("pem"), "w", encoding="utf-8") as memory:
            memory.write(text)
            memory.flush()
            yield Path(f"/proc/self/fd/{memory.fileno()}")
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        yield Path(file.name)


def _ask_clients(context: ssl.SSLContext, config: TlsConfig) -> None:
    if config.client_auth_type not in {IF_GIVEN, VERIFIED}:
        return
    context.verify_mode = ssl.CERT_REQUIRED if config.client_auth_type == VERIFIED else ssl.CERT_OPTIONAL
    try:
        if config.client_ca_file or config.client_ca:
            context.load_verify_locations(config.client_ca_file, cadata=config.client_ca or None)
        else:
            context.load_default_certs(ssl.Purpose.CLIENT_AUTH)
    except ssl.SSLError as error:
        raise UsageError(f"{config.client_ca_file or 'client_ca'} holds no certificate in PEM: {error}") from None
    except OSError as error:
        raise UsageError(f"client_ca_file {config.client_ca_file} cannot be read: {error.strerror}") from None


def _choose_suites(context: ssl.SSLContext, suites: tuple[str, ...]) -> None:
    for name in suites:
        if name not in _SUITES and name not in _OF_TLS_13:
            raise UsageError(f"cipher_suites: {name!r} is not known", hint=f"there are: {', '.join(_SUITES)}")
    if chosen := [_SUITES[name] for name in suites if name in _SUITES]:
        context.set_ciphers(":".join(chosen))


def _choose_curve(context: ssl.SSLContext, curves: tuple[str, ...]) -> None:
    if not curves:
        return
    [first, *more] = curves
    if first not in _CURVES:
        raise UsageError(f"curve_preferences: {first!r} is not known", hint=f"there are: {', '.join(_CURVES)}")
    if more:
        raise UsageError("curve_preferences: one curve can be chosen, or none", hint="Python's TLS takes one")
    context.set_ecdh_curve(_CURVES[first])


def check_name(certificate: Mapping[str, Any] | None, allowed: tuple[str, ...]) -> None:
    """
    Let a client in whose certificate has one of these alternative names: of DNS, address, mail or URI.

    Raises:
        SSLError: It has none of them, and there are some to have.
    """
    names = (certificate or {}).get("subjectAltName", ())
    if allowed and not any(value in allowed for _kind, value in names):
        raise ssl.SSLError("the client's certificate has none of client_allowed_sans")
