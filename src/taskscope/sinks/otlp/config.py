"""Settings of the sink for OTLP endpoints."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from taskscope.config.setting import setting
from taskscope.errors import UsageError
from taskscope.sinks.aws_target import AwsCaller, check_name
from taskscope.sinks.target import Target, configure

MIB: Final = 1_048_576
_HEADER: Final = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*:\s*([\x20-\x7e]*)")
_COMPRESSIONS: Final = ("gzip", "none")
_SWITCHES: Final = ("auto", "true", "false")
SIGNALS: Final = ("traces", "logs", "metrics")


@dataclass(frozen=True)
class OtlpSinkConfig(AwsCaller):
    """Settings of ``--to otlp=URL``."""

    url: str = setting(
        "", help="Address of the receiver, such as https://host:4318; with the path of a signal it takes that one only."
    )
    name: str = setting("otlp", help="Name of the sink, where there are several of a kind.")
    signal: tuple[str, ...] = setting((), help="What to send: traces, logs, metrics; given once for each. Empty: all.")
    traces_path: str = setting("/v1/traces", help="Path of the address for traces.")
    logs_path: str = setting("/v1/logs", help="Path of the address for logs.")
    metrics_path: str = setting("/v1/metrics", help="Path of the address for metrics.")
    header: tuple[str, ...] = setting((), help="A header as NAME:VALUE, given once for each.", secret=True)
    headers_file: str = setting("", help="File with a header NAME: VALUE on each line: no list of processes shows it.")
    compression: str = setting("gzip", help="Compression of requests: gzip or none.")
    timeout_seconds: float = setting(10.0, help="How long an answer may take.")
    max_request_bytes: int = setting(4 * MIB, help="Most bytes of a request before compression.")
    ca_file: str = setting("", help="File with the certificates to trust, instead of the system's.")
    sigv4: str = setting("auto", help="Whether to sign as AWS does: true, false, or auto: for AWS's own endpoints.")
    sigv4_service: str = setting("", help="Service to sign for; empty takes that of the endpoint or of the signal.")
    log_group: str = setting("", help="Log group for AWS's logs endpoint, which must exist (x-aws-log-group).")
    log_stream: str = setting("", help="Log stream for AWS's logs endpoint, which must exist (x-aws-log-stream).")

    @classmethod
    def parse(cls, target: Target) -> Self:
        """
        Make the settings of a ``--to``.

        Raises:
            UsageError: An option is unknown or wrong.
        """
        made = configure(cls, target, address="url")
        made.validate()
        return made

    def validate(self) -> None:
        """
        Check all settings; files are read later.

        Raises:
            UsageError: It names the setting and its value.
        """
        super().validate()
        check_name(self.name)
        _check_url(self.url)
        for each in self.signal:
            _check_one_of("signal", each, SIGNALS)
        _check_one_of("compression", self.compression, _COMPRESSIONS)
        _check_one_of("sigv4", self.sigv4, _SWITCHES)
        for each in self.header:
            parse_header(each)
        for name in ("traces_path", "logs_path", "metrics_path"):
            if not getattr(self, name).startswith("/"):
                raise UsageError(f"{name.replace('_', '-')} {getattr(self, name)!r} does not begin with /")
        if self.timeout_seconds <= 0:
            raise UsageError(f"timeout-seconds {self.timeout_seconds} is not more than 0")
        if self.max_request_bytes < MIB // 16:
            raise UsageError(f"max-request-bytes {self.max_request_bytes} is less than 64 KiB")
        if bool(self.log_group) != bool(self.log_stream):
            raise UsageError("log-group and log-stream need each other")

    def headers(self) -> dict[str, str]:
        """
        Return the headers of the settings and of the file.

        Raises:
            UsageError: The file cannot be read, or a line of it is no header.
        """
        texts = list(self.header)
        if self.headers_file:
            try:
                texts += Path(self.headers_file).read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                raise UsageError(f"headers-file {self.headers_file!r} cannot be read: {error}") from None
        return dict(parse_header(text) for text in texts if text.strip())


def parse_header(text: str) -> tuple[str, str]:
    """
    Read ``name: value``; an error does not repeat the value, which may be a secret.

    Raises:
        UsageError: It is no header.
    """
    found = _HEADER.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"the header {text.partition(':')[0][:40]!r} does not read", hint="write header=NAME:VALUE")
    return found[1].lower(), found[2]


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"the address {url!r} does not read: {error}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(
            f"--to otlp has the address {url!r}", hint="write --to otlp=http://HOST:4318; OTLP over gRPC is not spoken"
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError("the address of --to otlp can have no user, query or fragment", hint="use header=NAME:VALUE")


def _check_one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"{name} {value!r} is none", hint=f"it is {', '.join(allowed[:-1])} or {allowed[-1]}")
