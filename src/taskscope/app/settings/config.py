"""Settings of the whole server, and of the sidecar: each is a flag, a variable and a key in ``taskscope.toml``."""

import logging
import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from taskscope import ports
from taskscope.app.settings.retention import parse_retention
from taskscope.client.find import default_data_dir
from taskscope.config.access import PRIVATE, Allow
from taskscope.config.daemon import split_address
from taskscope.config.setting import setting
from taskscope.config.values import split_at_semicolons
from taskscope.errors import UsageError
from taskscope.sources.watch.config import WatchConfig
from taskscope.store.dsn import Dsn

RECEIVERS: Final = ("xray", "otlp", "statsd", "fluent")
FSYNC: Final = ("always", "interval")
SAMPLING: Final = ("auto", "own", "aws")
_LAST_PORT: Final = 65_535
_LONGEST_STOP_SECONDS: Final = 28.0
"""ECS kills a container 30 s after SIGTERM, unless its definition says otherwise."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CollectorConfig:
    """What `taskscope collect` and `taskscope serve` have in common."""

    data_dir: str = setting(
        "", help="Folder of the spool, the quarantine and what is to last; by default in the user's data directory."
    )
    listen: str = setting("127.0.0.1", help="Address to listen on; 0.0.0.0 is every one of this machine.")
    receivers: tuple[str, ...] = setting(RECEIVERS, help="Protocols to receive: xray, otlp, statsd, fluent.")
    to: tuple[str, ...] = setting(
        (),
        help="Where to forward: xray, cloudwatch-logs, emf, container-insights, otlp=URL; may be repeated.",
        parse=split_at_semicolons,
    )
    xray_port: int = setting(ports.XRAY, help="X-Ray segments over UDP and the sampling proxy over TCP.")
    xray_udp: str = setting("", help="HOST:PORT where segments arrive, if that is not --listen and --xray-port.")
    xray_tcp: str = setting("", help="HOST:PORT of the sampling proxy, if that is not --listen and --xray-port.")
    otlp_grpc_port: int = setting(ports.OTLP_GRPC, help="OTLP over gRPC.")
    otlp_http_port: int = setting(ports.OTLP_HTTP, help="OTLP over HTTP.")
    statsd_port: int = setting(ports.STATSD, help="StatsD and DogStatsD over UDP.")
    fluent_port: int = setting(ports.FLUENT, help="Fluent forward over TCP, for FireLens.")
    health_port: int = setting(ports.HEALTH, help="Health, and our own metrics.")
    otlp_processes: int = setting(1, help="Processes that receive OTLP, all on the same ports.")
    write_token_file: str = setting("", help="File with the token that senders have to show.")
    write_token: str = setting("", help="The token itself.", secret=True)
    allow: tuple[str, ...] = setting(
        PRIVATE, help="Addresses that may send where a protocol has no token, as CIDR blocks."
    )
    insecure: bool = setting(default=False, help="Listen beyond this machine without a token.")
    tls_cert: str = setting("", help="Certificate chain (PEM) for OTLP, Fluent and the API.")
    tls_key: str = setting("", help="Private key (PEM) of the certificate.")
    max_spool_bytes: int = setting(
        1 << 30, help="What the spool may hold; then senders are told to come again later.", flag="--max-spool"
    )
    fsync: str = setting("always", help="When the spool is synced: always, before each answer, or interval.")
    sampling_from: str = setting(
        "auto", help="Whose sampling rules SDKs are answered: own, aws, or auto: aws where segments go to X-Ray."
    )
    statsd_interval_seconds: float = setting(10.0, help="How long StatsD lines are added up.")
    stop_seconds: float = setting(25.0, help="How long a stop may take; ECS kills after 30 s.")

    def validate(self) -> None:
        """
        Check what can be wrong.

        Raises:
            UsageError: Names the setting and its value.
        """
        self._check_ports()
        for name in self.receivers:
            if name not in RECEIVERS:
                raise UsageError(
                    f"receivers {name!r}: there is no such receiver", hint=f"choose of {', '.join(RECEIVERS)}"
                )
        if not self.takes_in:
            raise UsageError(
                "receivers: none is named, so nothing would be received", hint=f"choose of {', '.join(RECEIVERS)}"
            )
        if self.fsync not in FSYNC:
            raise UsageError(f"fsync {self.fsync!r}: it is always or interval")
        if self.sampling_from not in SAMPLING:
            raise UsageError(f"sampling_from {self.sampling_from!r}: it is auto, own or aws")
        if self.otlp_processes < 0:
            raise UsageError(f"otlp_processes {self.otlp_processes}: it cannot be negative")
        if bool(self.tls_cert) != bool(self.tls_key):
            raise UsageError(f"tls_cert {self.tls_cert!r} and tls_key {self.tls_key!r}: both or none are needed")
        if not 0 < self.stop_seconds <= _LONGEST_STOP_SECONDS:
            raise UsageError(
                f"stop_seconds {self.stop_seconds:g}: it is more than 0, at most {_LONGEST_STOP_SECONDS:g}"
            )
        if self.max_spool_bytes < 1 << 20:
            raise UsageError(f"max_spool_bytes {self.max_spool_bytes}: at least 1 MiB is needed")
        Allow.parse(self.allow)

    def _check_ports(self) -> None:
        for name in ("xray_port", "otlp_grpc_port", "otlp_http_port", "statsd_port", "fluent_port", "health_port"):
            if not 0 <= getattr(self, name) <= _LAST_PORT:
                raise UsageError(f"{name} {getattr(self, name)}: a port is 0 to 65535")
        for name in ("xray_udp", "xray_tcp"):
            if getattr(self, name):
                split_address(getattr(self, name), name=name)

    def check_exposure(self, token: str) -> None:
        """
        Refuse to listen beyond this machine where anybody could send.

        Raises:
            UsageError: There is no token, and ``insecure`` is not set.
        """
        if self.is_local or token:
            return
        if not self.insecure:
            raise UsageError(
                f"listen {self.listen}: beyond this machine a token is needed",
                hint="give --write-token-file, or --insecure if the network keeps strangers out",
            )
        _log.warning("insecure: whoever reaches %s can send", self.listen)

    @property
    def takes_in(self) -> bool:
        """Whether anything is received."""
        return bool(self.receivers)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can send."""
        try:
            return self.listen == "localhost" or ip_address(self.listen).is_loopback
        except ValueError:
            return False

    @property
    def folder(self) -> Path:
        """The data directory: by default beside the server's, whose spool holds what the store has to take."""
        return Path(self.data_dir or f"{default_data_dir()}-collect").expanduser().absolute()


@dataclass(frozen=True)
class ServerConfig(WatchConfig, CollectorConfig):
    """Of `taskscope serve`; `taskscope collect` has neither store nor API, and one process of OTLP."""

    store: str = setting(
        "", help="chdb:///PATH, or http(s)://USER@HOST:PORT/DATABASE; by default embedded, in the data directory."
    )
    port: int = setting(ports.API, help="The API; EventBridge messages are sent here as well.")
    read_token_file: str = setting("", help="File with the token that readers have to show.")
    read_token: str = setting("", help="The token itself.", secret=True)
    retention: str = setting(
        "traces=7d,logs=7d,metrics=30d",
        help="How long each signal is kept, from its arrival on; also changes=90d, of ECS. 0s keeps it for ever.",
    )
    max_disk_bytes: int = setting(
        0, help="What the embedded store may take on disk; the oldest goes. 0 is no limit.", flag="--max-disk"
    )
    otlp_processes: int = setting(
        0, help="Processes that receive OTLP, all on the same ports; 0 is one for every four cores."
    )
    event_queue: str = setting("", help="URL of an SQS queue that EventBridge sends ECS events to.")

    def validate(self) -> None:
        """
        Check what can be wrong.

        Raises:
            UsageError: Names the setting and its value.
        """
        super().validate()
        self.check_watch()
        parse_retention(self.retention)
        if self.max_disk_bytes < 0:
            raise UsageError(f"max_disk_bytes {self.max_disk_bytes}: it cannot be negative")
        if not _address(self.dsn).embedded and self.max_disk_bytes:
            raise UsageError(
                f"max_disk_bytes {self.max_disk_bytes}: only an embedded store has a size of its own",
                hint="bound a server's disk by its own settings, or by --retention",
            )
        if not 0 <= self.port <= _LAST_PORT:
            raise UsageError(f"port {self.port}: a port is 0 to 65535")

    def check_readers(self, token: str) -> None:
        """
        Refuse to answer beyond this machine to anybody.

        Raises:
            UsageError: There is no token for readers, and ``insecure`` is not set.
        """
        if self.is_local or token:
            return
        if not self.insecure:
            raise UsageError(
                f"listen {self.listen}: beyond this machine a token is needed to read, too",
                hint="give --read-token-file, or --insecure if the network keeps strangers out",
            )
        _log.warning("insecure: whoever reaches %s can read", self.listen)

    @property
    def folder(self) -> Path:
        """The data directory."""
        return Path(self.data_dir or default_data_dir()).expanduser().absolute()

    @property
    def takes_in(self) -> bool:
        """Whether anything is received: a queue alone brings events of ECS, and so does watching."""
        return bool(self.receivers or self.event_queue or self.watch)

    @property
    def otlp_count(self) -> int:
        """How many processes receive OTLP: one takes in 250 k spans/s, and what it costs the store does not have."""
        return self.otlp_processes or max(1, (os.cpu_count() or 1) // 4)

    @property
    def dsn(self) -> str:
        """The address of the store."""
        return self.store or f"chdb://{self.folder / 'store'}"


def _address(text: str) -> Dsn:
    try:
        return Dsn.parse(text)
    except UsageError as error:
        raise UsageError(f"store: {error.message}", hint=error.hint) from None
