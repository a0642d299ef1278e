"""The certificate that servers show, if one was given."""

import ssl
from pathlib import Path

from taskscope.app.settings.config import CollectorConfig
from taskscope.errors import UsageError


def server_context(config: CollectorConfig) -> ssl.SSLContext | None:
    """
    Return a context with the certificate; None without one.

    Raises:
        UsageError: A file cannot be read, or the two do not belong together.
    """
    if not config.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(config.tls_cert, config.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"tls_cert {config.tls_cert!r} and tls_key {config.tls_key!r}: {error}") from None
    return context


def certificate(config: CollectorConfig) -> tuple[bytes, bytes] | None:
    """Return key and certificate chain in PEM, for gRPC; None without one."""
    if not config.tls_cert:
        return None
    return Path(config.tls_key).read_bytes(), Path(config.tls_cert).read_bytes()
