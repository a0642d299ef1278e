"""Settings of the tools that `taskscope collect` takes the place of, in our words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from taskscope.config.adot import LISTEN, Preset
from taskscope.config.daemon import DaemonConfig
from taskscope.errors import UsageError

_OPTIONS: Final = (
    ("region", "region"), ("role-arn", "role_arn"), ("endpoint-url", "endpoint"), ("resource-arn", "resource_arn"),
    ("parallel", "concurrency"),
)  # fmt: skip
"""Options of the X-Ray sink, and the daemon's settings that they are taken from."""


def xray_target(daemon: DaemonConfig) -> str:
    """Return the ``--to`` that sends as the daemon would."""
    return ",".join(["xray", *(f"{option}={value}" for option, value in _given(daemon).items())])


def _given(daemon: DaemonConfig) -> dict[str, object]:
    """Return the options of the X-Ray sink that the daemon's settings make."""
    usual = DaemonConfig()
    return {option: getattr(daemon, name) for option, name in _OPTIONS if getattr(daemon, name) != getattr(usual, name)}


def daemon_addresses(daemon: DaemonConfig) -> dict[str, object]:
    """Return the settings that ``-b`` and ``-t`` make: they move X-Ray's two addresses only."""
    usual = DaemonConfig()
    found: dict[str, object] = {}
    if daemon.udp_address != usual.udp_address:
        found["xray_udp"] = daemon.udp_address
    if daemon.tcp_address != usual.tcp_address:
        found["xray_tcp"] = daemon.tcp_address
    return found


def daemon_targets(asked: Sequence[str], daemon: DaemonConfig) -> tuple[str, ...]:
    """
    Return where to forward.

    That is X-Ray if nothing is asked for, as of the daemon; X-Ray takes those of the daemon's options that its target
    does not say itself.
    """
    target = xray_target(daemon)
    return tuple(_with_options(each, target) for each in asked) or (target,)


def _with_options(asked: str, target: str) -> str:
    """Add to ``--to xray`` those of the daemon's options that it does not say itself."""
    _, *said = asked.split(",")
    if not _is_xray(asked):
        return asked
    known = {each.partition("=")[0].strip().lower().replace("_", "-") for each in said}
    return ",".join([asked, *(each for each in target.split(",")[1:] if each.partition("=")[0] not in known)])


def _is_xray(target: str) -> bool:
    return target.partition(",")[0].strip().lower() == "xray"


def without_effect(daemon: DaemonConfig, targets: Sequence[str]) -> Iterator[str]:
    """Say what of the daemon's settings does nothing here, where it is sent to these targets, and what does instead."""
    if (given := _given(daemon)) and not any(map(_is_xray, targets)):
        yield (
            f"nothing is sent to X-Ray, which alone takes the daemon's {' and '.join(given)}: other sinks have"
            " options of their own, as in --to emf,region=eu-west-1"
        )
    if daemon.proxy_address:
        yield "the X-Ray daemon's proxy address is not used: set HTTPS_PROXY"
    if daemon.no_verify_ssl:
        yield "the X-Ray daemon's NoVerifySSL is not used: name the authority's certificate in AWS_CA_BUNDLE"
    if daemon.buffer_mb:
        yield "the X-Ray daemon's buffer memory is not used: segments wait on disk, at most --max-spool"


def preset_flags(preset: Preset, environ: Mapping[str, str]) -> dict[str, object]:
    """Return what a shipped configuration of AWS's OpenTelemetry collector sets, but where a variable of ours does."""
    emf = f"emf,namespace={preset.emf_namespace},group={preset.emf_log_group}"
    flags: dict[str, object] = {
        "receivers": ",".join(preset.receivers),
        "to": tuple(emf if each == "emf" else each for each in preset.sinks),
        "listen": LISTEN,
        "insecure": "true",
        "statsd_interval_seconds": str(preset.statsd_interval_seconds),
    }
    return {name: value for name, value in flags.items() if not environ.get(f"TASKSCOPE_{name.upper()}")}


def check_preset(preset: Preset, settings: Mapping[str, object]) -> None:
    """
    Refuse a configuration of which nothing is left here.

    Raises:
        UsageError: It receives nothing, or sends nowhere, unless the settings say more.
    """
    for name, what in (("receivers", "receives"), ("to", "sends to")):
        if not settings.get(name, True):
            raise UsageError(f"{preset.path}: nothing that it {what} is available here", hint=f"give --{name}")
