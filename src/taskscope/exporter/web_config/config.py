"""What a web configuration file says; names and defaults are those of Prometheus' exporter-toolkit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

NO_CERTIFICATE: Final = "NoClientCert"
IF_GIVEN: Final = "VerifyClientCertIfGiven"
VERIFIED: Final = "RequireAndVerifyClientCert"
CLIENT_AUTH: Final = (NO_CERTIFICATE, IF_GIVEN, VERIFIED)


@dataclass(frozen=True, slots=True)
class TlsConfig:
    """``tls_server_config``: files or texts in PEM, and what is asked of clients."""

    cert_file: Path | None = None
    key_file: Path | None = None
    client_ca_file: Path | None = None
    cert: str = ""
    key: str = field(default="", repr=False)
    client_ca: str = ""
    client_auth_type: str = NO_CERTIFICATE
    client_allowed_sans: tuple[str, ...] = ()
    min_version: str = "TLS12"
    max_version: str = "TLS13"
    cipher_suites: tuple[str, ...] = ()
    prefer_server_cipher_suites: bool = True
    curve_preferences: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it names."""
        return tuple(each for each in (self.cert_file, self.key_file, self.client_ca_file) if each is not None)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """``rate_limit``: a token bucket for requests."""

    interval_seconds: float
    """Between two requests in the long run."""
    burst: int


@dataclass(frozen=True, slots=True)
class WebConfig:
    """All that the file says."""

    tls: TlsConfig | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Hashes of passwords (bcrypt) by user."""
    rate_limit: RateLimit | None = None
