"""The settings of AWS's X-Ray daemon, so that its flags and its configuration file work here unchanged."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from taskscope.errors import MissingExtraError, UsageError

LOG_LEVELS: Final = ("dev", "debug", "info", "warn", "error", "prod")
"""The daemon's names, from most to least; ``prod`` is ``info``."""

_VERSIONS: Final = (1, 2)
_ADDRESS: Final = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]*)):([0-9]{1,5})")
_LAST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class DaemonConfig:
    """What the daemon can be told, with the daemon's defaults."""

    region: str = ""
    """Empty: ``AWS_REGION``, then what AWS's SDK finds."""
    endpoint: str = ""
    """Address of the X-Ray API; empty: that of the region."""
    udp_address: str = "127.0.0.1:2000"
    """Where segments arrive."""
    tcp_address: str = "127.0.0.1:2000"
    """Where the sampling proxy listens."""
    log_level: str = "prod"
    """Of ``LOG_LEVELS``."""
    log_path: str = ""
    """File of the log; empty: standard error."""
    log_rotation: bool = True
    """Whether the log file is exchanged at 50 MB; one old file stays."""
    role_arn: str = ""
    """Role to assume, for sending to another account."""
    resource_arn: str = ""
    """ARN of the resource that the daemon runs on, for its telemetry."""
    local_mode: bool = False
    """Ask no EC2 instance metadata."""
    no_verify_ssl: bool = False
    """Accept any TLS certificate of the X-Ray API."""
    proxy_address: str = ""
    """HTTP proxy on the way to the X-Ray API."""
    buffer_mb: int = 0
    """Memory for buffers in MB; 0 is the daemon's 1 % of the host's."""
    concurrency: int = 8
    """Most calls to the X-Ray API at a time."""

    def validate(self) -> None:
        """
        Check what can be wrong.

        Raises:
            UsageError: Names the daemon's flag or key, and the value.
        """
        split_address(self.udp_address, name="--bind (UDPAddress)")
        split_address(self.tcp_address, name="--bind-tcp (TCPAddress)")
        if self.log_level not in LOG_LEVELS:
            levels = ", ".join(LOG_LEVELS)
            raise UsageError(f"--log-level (LogLevel): {self.log_level!r} is no level", hint=f"one of {levels}")
        for name, value in (("--buffer-memory (TotalBufferSizeMB)", self.buffer_mb), ("Concurrency", self.concurrency)):
            if value < 0:
                raise UsageError(f"{name}: {value} is below 0")


_KEYS: Final = {
    "Region": "region",
    "Endpoint": "endpoint",
    "Socket.UDPAddress": "udp_address",
    "Socket.TCPAddress": "tcp_address",
    "Logging.LogRotation": "log_rotation",
    "Logging.LogLevel": "log_level",
    "Logging.LogPath": "log_path",
    "RoleARN": "role_arn",
    "ResourceARN": "resource_arn",
    "LocalMode": "local_mode",
    "NoVerifySSL": "no_verify_ssl",
    "ProxyAddress": "proxy_address",
    "TotalBufferSizeMB": "buffer_mb",
    "Concurrency": "concurrency",
}
"""The keys of the daemon's file (aws/aws-xray-daemon, pkg/cfg/cfg.go) but ``Version``."""

_COLLECTOR_KEYS: Final = {"receivers", "processors", "exporters", "extensions", "connectors", "service"}


def split_address(text: str, *, name: str) -> tuple[str, int]:
    """
    Split ``127.0.0.1:2000``, ``[::1]:2000`` or ``:2000`` (every address) into host and port, as Go does.

    Raises:
        UsageError: The text is no address.
    """
    match = _ADDRESS.fullmatch(text)
    if not match or int(match[3]) > _LAST_PORT:
        raise UsageError(f"{name}: {text!r} is no address", hint="write it as 127.0.0.1:2000")
    return match[1] or match[2] or "0.0.0.0", int(match[3])  # noqa: S104 (what the daemon does with an empty host)


def read_daemon_file(path: Path) -> DaemonConfig:
    """
    Read the daemon's configuration file, ``cfg.yaml`` of version 1 or 2.

    An empty text and a 0 stand for the default; an unknown key is refused: both as the daemon does.

    Raises:
        UsageError: The file cannot be read, its version or a key is not known, or a value has the wrong type.
        MissingExtraError: PyYAML is not installed.
    """
    document = dict(_keys(_document(path)))
    version = document.pop("Version", None)
    given = {_KEYS[key]: _value(key, value, path) for key, value in document.items() if _known(key, path)}
    if version not in _VERSIONS:
        raise UsageError(f"{path}: Version: {version!r} is not known", hint="say Version: 1 or Version: 2")
    said: dict[str, Any] = {name: value for name, value in given.items() if value or isinstance(value, bool)}
    return DaemonConfig(**said)


def _document(path: Path) -> Mapping[Any, Any]:
    try:
        yaml = import_module("yaml")
    except ModuleNotFoundError:
        raise MissingExtraError(f"{path} needs the package PyYAML", hint="install taskscope[collect]") from None
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise UsageError(f"{path} is no configuration of the X-Ray daemon: it holds no keys")
    return document


def _keys(document: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the keys with their values, those of a table as ``Table.Key``."""
    for key, value in document.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", each) for inner, each in value.items())
        else:
            yield str(key), value


def _known(key: str, path: Path) -> bool:
    if key in _KEYS:
        return True
    if key.partition(".")[0] in _COLLECTOR_KEYS:
        raise UsageError(
            f"{path} is a configuration of an OpenTelemetry collector, which is not read here",
            hint="name receivers and sinks with --receivers and --to",
        )
    near = difflib.get_close_matches(key, _KEYS, n=2)
    hint = f"did you mean {' or '.join(near)}?" if near else f"it knows Version, {', '.join(_KEYS)}"
    raise UsageError(f"{path}: the X-Ray daemon knows no key {key!r}", hint=hint)


def _value(key: str, value: object, path: Path) -> Any:
    """Return a value, if it is of the setting's type; a key without a value is None."""
    wanted = type(getattr(DaemonConfig(), _KEYS[key]))
    # Go's YAML reads a number or a boolean that should be a text as the text; ARNs and addresses are none.
    if value is not None and type(value) is not wanted:
        kind = {str: "text", int: "whole number", bool: "true or false"}[wanted]
        raise UsageError(f"{path}: {key}: {value!r} is no {kind}")
    return value
