"""What the tools that `collect` replaces are told, in our words."""

import pytest

from taskscope.app.settings.config import CollectorConfig
from taskscope.app.settings.replaced import (
    check_preset,
    daemon_addresses,
    daemon_targets,
    preset_flags,
    without_effect,
    xray_target,
)
from taskscope.app.settings.sinks import check_sinks
from taskscope.config.adot import AMP, DEFAULT, INSTANCE_METRICS, PRESETS, find_preset
from taskscope.config.daemon import DaemonConfig
from taskscope.config.file import SettingsFile
from taskscope.config.layers import load
from taskscope.errors import UsageError


def test_a_daemon_that_is_told_nothing_sends_to_xray() -> None:
    """Its defaults are ours."""
    assert daemon_addresses(DaemonConfig()) == {}
    assert daemon_targets((), DaemonConfig()) == ("xray",)


def test_the_daemons_options_are_those_of_the_sink() -> None:
    """Region, role, endpoint and resource; the sink takes them."""
    daemon = DaemonConfig(
        region="eu-west-1", role_arn="arn:aws:iam::123456789012:role/a", endpoint="http://127.0.0.1:1"
    )
    target = xray_target(daemon)

    assert target == "xray,region=eu-west-1,role-arn=arn:aws:iam::123456789012:role/a,endpoint-url=http://127.0.0.1:1"
    assert daemon_targets((), daemon) == (target,)
    assert daemon_targets((), DaemonConfig(concurrency=2)) == ("xray,parallel=2",)
    check_sinks([target])


def test_the_daemons_addresses_move_xrays_two_only() -> None:
    """`-b` and `-t`."""
    assert daemon_addresses(DaemonConfig(udp_address="0.0.0.0:2000", tcp_address="127.0.0.1:1")) == {
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
    assert daemon_targets(asked, DaemonConfig(region="eu-west-1")) == sent


@pytest.mark.parametrize("path", [each for each in PRESETS if find_preset(each).receivers])
def test_every_preset_is_settings_that_can_run(path: str) -> None:
    """Its receivers and sinks are there, and may be reached from other containers as in that collector."""
    preset = find_preset(path)
    flags = preset_flags(preset, {})
    config = load(CollectorConfig, flags=flags, environ={}, file=SettingsFile()).value

    check_sinks(config.to)
    assert config.receivers == preset.receivers
    assert [each.partition(",")[0] for each in config.to] == list(preset.sinks)
    assert config.statsd_interval_seconds == preset.statsd_interval_seconds
    config.check_exposure("")


def test_what_has_no_effect_here_is_said() -> None:
    """With what does instead."""
    daemon = DaemonConfig(proxy_address="http://proxy:1", no_verify_ssl=True, buffer_mb=7)
    said = "\n".join(without_effect(daemon, ["xray"]))

    assert [word in said for word in ("HTTPS_PROXY", "AWS_CA_BUNDLE", "--max-spool")] == [True] * 3


@pytest.mark.parametrize(
    ("targets", "told"), [(["emf", "otlp=http://host"], True), (["emf", "XRay,no=1"], False), (["xray"], False)]
)
def test_options_of_xray_without_effect_are_told_once(targets: list[str], told: bool) -> None:  # noqa: FBT001 (a parameter of the table)
    """Region and role are those of X-Ray's requests; where nothing goes there, other sinks have their own."""
    said = list(without_effect(DaemonConfig(region="eu-west-1", role_arn="arn:a"), targets))

    assert len(said) == told
    assert all("region and role-arn" in each and "--to emf,region=eu-west-1" in each for each in said)
    assert list(without_effect(DaemonConfig(), targets)) == []


def test_variables_of_ours_win_over_a_preset() -> None:
    """A task definition can change one thing of it; an empty variable is none."""
    flags = preset_flags(DEFAULT, {"TASKSCOPE_TO": "xray", "TASKSCOPE_LISTEN": ""})

    assert "to" not in flags
    assert "listen" in flags


def test_preset_of_which_nothing_is_left_is_refused() -> None:
    """Rather than to send elsewhere, or to receive nothing for ever; what is missing can be given."""
    with pytest.raises(UsageError, match="nothing that it sends to"):
        check_preset(AMP, preset_flags(AMP, {}))
    with pytest.raises(UsageError, match="nothing that it receives"):
        check_preset(INSTANCE_METRICS, preset_flags(INSTANCE_METRICS, {}))

    check_preset(AMP, preset_flags(AMP, {}) | {"to": ("emf",)})
    check_preset(AMP, preset_flags(AMP, {"TASKSCOPE_TO": "emf"}))
