"""What the tools that `collect` replaces are told, in our words."""

import pytest

from taskscope.app.config import CollectorConfig
from taskscope.app.replaced import daemon_flags, preset_flags, without_effect, xray_target
from taskscope.app.sinks import check_sinks
from taskscope.config.adot import PRESETS, find_preset
from taskscope.config.daemon import DaemonConfig
from taskscope.config.file import SettingsFile
from taskscope.config.layers import load


def test_a_daemon_that_is_told_nothing_sends_to_xray() -> None:
    """With no flag of ours changed."""
    assert xray_target(DaemonConfig()) == "xray"
    assert daemon_flags(DaemonConfig(), {}) == {}
    assert list(without_effect(DaemonConfig())) == []


def test_the_daemons_options_are_those_of_the_sink() -> None:
    """Region, role, endpoint and resource; the sink takes them."""
    daemon = DaemonConfig(
        region="eu-west-1", role_arn="arn:aws:iam::123456789012:role/a", endpoint="http://127.0.0.1:1"
    )
    target = xray_target(daemon)

    assert target == "xray,region=eu-west-1,role-arn=arn:aws:iam::123456789012:role/a,endpoint-url=http://127.0.0.1:1"
    assert daemon_flags(daemon, {}) == {"to": (target,)}
    check_sinks([target])


def test_the_daemons_addresses_move_xrays_two_only() -> None:
    """`-b` and `-t`."""
    assert daemon_flags(DaemonConfig(udp_address="0.0.0.0:2000", tcp_address="127.0.0.1:1"), {}) == {
        "xray_udp": "0.0.0.0:2000",
        "xray_tcp": "127.0.0.1:1",
    }


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (("xray",), ("xray,region=eu-west-1",)),
        (("xray,region=us-east-1",), ("xray,region=us-east-1",)),
        (("emf", "XRay,no=1"), ("emf", "XRay,no=1,region=eu-west-1")),
        (("otlp=http://host",), ("otlp=http://host",)),
    ],
)
def test_what_was_said_in_our_words_wins(asked: tuple[str, ...], sent: tuple[str, ...]) -> None:
    """The daemon's options fill what `--to xray` does not say; other sinks are left alone."""
    assert daemon_flags(DaemonConfig(region="eu-west-1"), {"to": asked}) == {"to": sent}


@pytest.mark.parametrize("path", PRESETS)
def test_every_preset_is_settings_that_can_run(path: str) -> None:
    """Its receivers and sinks are there, and may be reached from other containers as in that collector."""
    preset = find_preset(path)
    flags = preset_flags(preset)
    config = load(CollectorConfig, flags=flags, environ={}, file=SettingsFile()).value

    check_sinks(config.to)
    assert config.receivers == preset.receivers
    assert [each.partition(",")[0] for each in config.to] == list(preset.sinks)
    assert config.statsd_interval_seconds == preset.statsd_interval_seconds
    config.check_exposure("")


def test_what_has_no_effect_here_is_said() -> None:
    """With what does instead."""
    daemon = DaemonConfig(proxy_address="http://proxy:1", no_verify_ssl=True, buffer_mb=7)
    said = "\n".join(without_effect(daemon))

    assert [word in said for word in ("HTTPS_PROXY", "AWS_CA_BUNDLE", "--max-spool")] == [True] * 3
