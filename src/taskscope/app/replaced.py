"""Settings of the tools that `taskscope collect` takes the place of, in our words."""

from collections.abc import Iterator, Mapping
from typing import Final

from taskscope.config.adot import LISTEN, Preset
from taskscope.config.daemon import DaemonConfig

_OPTIONS: Final = (
    ("region", "region"), ("role-arn", "role_arn"), ("endpoint-url", "endpoint"), ("resource-arn", "resource_arn"),
    ("parallel", "concurrency"),
)  # fmt: skip
"""Options of the X-Ray sink, and the daemon's settings that they are taken from."""


def xray_target(daemon: DaemonConfig) -> str:
    """Return the ``--to`` that sends as the daemon would."""
    usual = DaemonConfig()
    given = [
        (option, getattr(daemon, name)) for option, name in _OPTIONS if getattr(daemon, name) != getattr(usual, name)
    ]
    return ",".join(["xray", *(f"{option}={value}" for option, value in given)])


def daemon_flags(daemon: DaemonConfig, flags: Mapping[str, object]) -> dict[str, object]:
    """
    Return what the daemon's flags set here; what was said in our words wins.

    ``-b`` and ``-t`` move X-Ray's two addresses only. Without ``--to``, segments go to X-Ray; where ``--to xray`` is
    there, it takes those of the daemon's options that it does not say itself.
    """
    found: dict[str, object] = {}
    usual = DaemonConfig()
    if daemon.udp_address != usual.udp_address:
        found["xray_udp"] = daemon.udp_address
    if daemon.tcp_address != usual.tcp_address:
        found["xray_tcp"] = daemon.tcp_address
    target = xray_target(daemon)
    asked = flags.get("to")
    if asked is None and target != "xray":
        found["to"] = (target,)
    elif isinstance(asked, tuple | list):
        found["to"] = tuple(_with_options(each, target) for each in asked)
    return found


def _with_options(asked: str, target: str) -> str:
    """Add to ``--to xray`` those of the daemon's options that it does not say itself."""
    name, *said = asked.split(",")
    if name.strip().lower() != "xray":
        return asked
    known = {each.partition("=")[0].strip().lower().replace("_", "-") for each in said}
    return ",".join([asked, *(each for each in target.split(",")[1:] if each.partition("=")[0] not in known)])


def without_effect(daemon: DaemonConfig) -> Iterator[str]:
    """Say what of the daemon's settings does nothing here, and what does instead."""
    if daemon.proxy_address:
        yield "the X-Ray daemon's proxy address is not used: set HTTPS_PROXY"
    if daemon.no_verify_ssl:
        yield "the X-Ray daemon's NoVerifySSL is not used: name the authority's certificate in AWS_CA_BUNDLE"
    if daemon.buffer_mb:
        yield "the X-Ray daemon's buffer memory is not used: segments wait on disk, at most --max-spool"


def preset_flags(preset: Preset) -> dict[str, object]:
    """Return what a shipped configuration of AWS's OpenTelemetry collector sets."""
    emf = f"emf,namespace={preset.emf_namespace},group={preset.emf_log_group}"
    return {
        "receivers": ",".join(preset.receivers),
        "to": tuple(emf if each == "emf" else each for each in preset.sinks),
        "listen": LISTEN,
        "insecure": "true",
        "statsd_interval_seconds": str(preset.statsd_interval_seconds),
    }
