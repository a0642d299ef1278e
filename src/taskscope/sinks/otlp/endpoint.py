"""Where each signal goes, with which headers, signed for whom, and how large a request may be."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from taskscope.errors import UsageError
from taskscope.model.batch import Signal
from taskscope.sinks.otlp.config import OtlpSinkConfig

_AWS_HOST: Final = re.compile(r"(?P<service>xray|logs|monitoring)\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
_SERVICES: Final = {Signal.SPANS: "xray", Signal.LOGS: "logs", Signal.METRICS: "monitoring"}
_WORDS: Final = {"traces": Signal.SPANS, "logs": Signal.LOGS, "metrics": Signal.METRICS}
_AWS_REQUEST_BYTES: Final = {"xray": 5_000_000, "logs": 1_000_000, "monitoring": 1_000_000}
"""Most bytes of a request before compression at AWS's own endpoints (AWS documentation of the OTLP endpoints)."""


class Signing(NamedTuple):
    """Whom SigV4 signs for."""

    service: str
    region: str
    """Empty: that of the account."""


class Endpoint(NamedTuple):
    """Where the requests of one signal go."""

    url: str
    headers: Mapping[str, str]
    signing: Signing | None
    request_bytes: int


def endpoints(config: OtlpSinkConfig) -> dict[Signal, Endpoint]:
    """
    Return the endpoint of each signal that is sent.

    AWS's own endpoints take one signal each; so does an address that ends with the path of one.

    Raises:
        UsageError: The address and the signals asked for do not go together, or headers cannot be read.
    """
    base, possible = _base(config)
    host = _AWS_HOST.fullmatch(urlsplit(base).hostname or "")
    if host is not None:
        possible &= {signal for signal, service in _SERVICES.items() if service == host["service"]}
    asked = {_WORDS[each] for each in config.signal} or set(possible)
    if not asked <= possible or not asked:
        takes = ", ".join(word for word, signal in _WORDS.items() if signal in possible) or "none of these signals"
        raise UsageError(f"{config.url} cannot take {', '.join(config.signal)}", hint=f"it takes {takes}")
    headers = config.headers()
    return {signal: _endpoint(config, base, host, headers, signal) for signal in Signal if signal in asked}


def _paths(config: OtlpSinkConfig) -> dict[Signal, str]:
    return {
        Signal.SPANS: config.traces_path,
        Signal.LOGS: config.logs_path,
        Signal.METRICS: config.metrics_path,
    }


def _base(config: OtlpSinkConfig) -> tuple[str, set[Signal]]:
    """Return the address without the path of a signal, and the signals that it can take."""
    url = config.url.rstrip("/")
    for signal, path in _paths(config).items():
        if url.endswith(path):
            return url.removesuffix(path), {signal}
    return url, set(_WORDS.values())


def _endpoint(
    config: OtlpSinkConfig, base: str, host: re.Match[str] | None, headers: Mapping[str, str], signal: Signal
) -> Endpoint:
    request_bytes = config.max_request_bytes
    signing = None
    if config.sigv4 == "true" or (config.sigv4 == "auto" and host is not None and "authorization" not in headers):
        service = config.sigv4_service or (host["service"] if host is not None else _SERVICES[signal])
        signing = Signing(service, config.region or (host["region"] if host is not None else ""))
    if host is not None:
        request_bytes = min(request_bytes, _AWS_REQUEST_BYTES[host["service"]])
    if signal is Signal.LOGS and config.log_group:
        headers = {**headers, "x-aws-log-group": config.log_group, "x-aws-log-stream": config.log_stream}
    return Endpoint(base + _paths(config)[signal], headers, signing, request_bytes)
