"""Settings of the tools that `taskscope collect` takes the place of, in our words."""

from collections.abc import Mapping
from typing import Final

from taskscope.config.adot import LISTEN, Preset
from taskscope.config.daemon import DaemonConfig

_OPTIONS: Final = (
    ("region", "region"), ("role-arn", "role_arn"), ("endpoint-url", "endpoint"), ("resource-arn", "resource_arn"),
)  # fmt: skip
"""Options of the X-Ray sink, and the daemon's settings that they are taken from."""


def xray_target(daemon: DaemonConfig) -> str:
    """Return the ``--to`` that sends as the daemon would."""
    given = [(option, getattr(daemon, name)) for option, name in _OPTIONS]
    return ",".join(["xray", *(f"{option}={value}" for option, value in given if value)])


def daemon_flags(daemon: DaemonConfig, flags: Mapping[str, object]) -> dict[str, object]:
    """
    Return what the daemon's flags set here; what was said in our words wins.

    ``-b`` and ``-t`` move X-Ray's two addresses only. Without ``--to``, segments go to X-Ray; where ``--to xray`` is
    there, it takes the daemon's options.
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
        found["to"] = tuple(target if each == "xray" else each for each in asked)
    return found


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
