"""Settings of the X-Ray daemon and of AWS's collector, in our words."""

import logging

import pytest

from taskscope.app.log import start_log
from taskscope.app.replaced import daemon_flags, preset_flags, without_effect
from taskscope.config.adot import DEFAULT
from taskscope.config.daemon import DaemonConfig

ELSEWHERE = DaemonConfig(region="eu-west-1", role_arn="arn:aws:iam::123456789012:role/x")


def test_daemon_without_a_word_changes_nothing() -> None:
    """Its defaults are ours."""
    assert daemon_flags(DaemonConfig(), {}) == {}


def test_daemon_sends_to_x_ray_with_its_options() -> None:
    """Where no ``--to`` says otherwise."""
    assert daemon_flags(ELSEWHERE, {}) == {"to": ("xray,region=eu-west-1,role-arn=arn:aws:iam::123456789012:role/x",)}


def test_daemons_concurrency_is_the_sinks() -> None:
    """Calls to X-Ray at a time."""
    assert daemon_flags(DaemonConfig(concurrency=2), {}) == {"to": ("xray,parallel=2",)}


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        ("xray", "xray,region=eu-west-1,role-arn=arn:aws:iam::123456789012:role/x"),
        ("xray,telemetry=false,role_arn=b", "xray,telemetry=false,role_arn=b,region=eu-west-1"),
        ("emf", "emf"),
        ("otlp=http://xray,name=b", "otlp=http://xray,name=b"),
    ],
)
def test_daemons_options_join_those_of_the_sink(asked: str, made: str) -> None:
    """Of X-Ray only; what it says itself wins."""
    assert daemon_flags(ELSEWHERE, {"to": (asked,)}) == {"to": (made,)}


def test_daemons_addresses_are_x_rays_alone() -> None:
    """Other receivers stay where they are."""
    daemon = DaemonConfig(udp_address="0.0.0.0:2000", tcp_address=":3000")

    assert daemon_flags(daemon, {}) == {"xray_udp": "0.0.0.0:2000", "xray_tcp": ":3000"}


def test_what_has_no_effect_is_told() -> None:
    """With what to do instead."""
    daemon = DaemonConfig(proxy_address="http://proxy:8080", buffer_mb=64, no_verify_ssl=True)

    assert [line.rpartition(": ")[2] for line in without_effect(daemon)] == [
        "set HTTPS_PROXY",
        "name the authority's certificate in AWS_CA_BUNDLE",
        "segments wait on disk, at most --max-spool",
    ]
    assert list(without_effect(ELSEWHERE)) == []


def test_preset_names_group_and_namespace_of_metrics() -> None:
    """And listens on every address, as that collector does."""
    flags = preset_flags(DEFAULT)

    assert flags["to"] == ("xray", "emf,namespace=default,group=/metrics/default")
    assert (flags["listen"], flags["insecure"], flags["receivers"]) == ("0.0.0.0", "true", "otlp,xray")  # noqa: S104 (compared)


def test_log_is_of_this_process_not_of_its_libraries() -> None:
    """What the AWS SDK says below a warning is left out, at every level."""
    start_log(logging.NullHandler(), who="test", level=logging.DEBUG)

    assert not logging.getLogger("botocore.credentials").isEnabledFor(logging.INFO)
    assert logging.getLogger("botocore.credentials").isEnabledFor(logging.WARNING)
