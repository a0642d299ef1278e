"""`collect`: which receivers it has, and which processes."""

from pathlib import Path
from typing import Any

import pytest

from taskscope.app.collect import sidecar
from taskscope.app.processes.run import Collector
from taskscope.app.settings.config import CollectorConfig
from taskscope.app.settings.in_force import Settings, load_settings
from taskscope.errors import UsageError

_FREE = {
    f"{name}_port": "0" for name in ("xray", "otlp_grpc", "otlp_http", "statsd", "fluent", "health")
}  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the developer's own files and variables out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


def _settings(folder: Path, *to: str, **flags: Any) -> Settings[CollectorConfig]:
    return load_settings(CollectorConfig, {"data_dir": str(folder), "to": to, **_FREE, **flags})


def _planned(settings: Settings[CollectorConfig]) -> Collector:
    """Plan, and give the ports back."""
    made = sidecar(settings)
    made.listeners.close()
    return made


@pytest.mark.parametrize(
    ("to", "roles", "purposes"),
    [
        (["xray"], ["consumers", "otlp", "xray-tcp"], {"otlp-http", "otlp-grpc", "xray-udp", "xray-tcp"}),
        (["emf"], ["consumers", "otlp"], {"otlp-http", "otlp-grpc", "statsd-udp"}),
        (["cloudwatch-logs,group=g"], ["consumers", "otlp", "fluent"], {"otlp-http", "otlp-grpc", "fluent"}),
        (
            ["otlp=http://127.0.0.1:1"],
            ["consumers", "otlp", "fluent", "xray-tcp"],
            {"otlp-http", "otlp-grpc", "fluent", "xray-udp", "xray-tcp", "statsd-udp"},
        ),
    ],
)
def test_only_receivers_of_what_a_sink_takes_are_there(
    tmp_path: Path, to: list[str], roles: list[str], purposes: set[str]
) -> None:
    """A port that is open receives what would go nowhere; OTLP may bring anything."""
    made = _planned(_settings(tmp_path, *to))

    assert list(made.owner.roles) == roles
    assert set(made.listeners.sockets) == purposes | {"health"}
    assert [plan.name for plan in made.receivers] == (["udp"] if any("udp" in each for each in purposes) else [])


def test_receivers_that_were_asked_for_are_there_whatever_the_sinks_take(tmp_path: Path) -> None:
    """The user's word counts."""
    made = _planned(_settings(tmp_path, "xray", receivers="statsd"))

    assert set(made.listeners.sockets) == {"statsd-udp", "health"}


def test_without_a_sink_nothing_starts(tmp_path: Path) -> None:
    """It would keep what nobody takes."""
    with pytest.raises(UsageError, match="where to"):
        sidecar(_settings(tmp_path))


def test_beyond_loopback_senders_need_a_token(tmp_path: Path) -> None:
    """And no port is bound before that is clear."""
    with pytest.raises(UsageError, match="a token is needed"):
        sidecar(_settings(tmp_path, "xray", listen="0.0.0.0"))  # noqa: S104 (refused)


@pytest.mark.parametrize(
    ("to", "seconds", "measures"),
    [("emf", "10", True), ("container-insights", "1", True), ("xray", "10", False), ("emf", "0", False)],
)
def test_containers_are_measured_in_a_task_where_a_sink_takes_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str, seconds: str, *, measures: bool
) -> None:
    """Unless that is switched off; what nobody takes is not read."""
    monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/token")
    monkeypatch.setenv("TASKSCOPE_CONTAINER_STATS_SECONDS", seconds)

    assert ("container-stats" in _planned(_settings(tmp_path, to)).owner.roles) == measures


def test_outside_of_ecs_no_container_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nobody to ask."""
    monkeypatch.delenv("ECS_CONTAINER_METADATA_URI_V4", raising=False)
    monkeypatch.delenv("ECS_CONTAINER_METADATA_URI", raising=False)

    assert "container-stats" not in _planned(_settings(tmp_path, "emf")).owner.roles
