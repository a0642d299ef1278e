"""The configurations that AWS's OpenTelemetry collector ships."""

import pytest

from taskscope.config.adot import (
    CONTENT_VARIABLE,
    ECS_DEFAULT,
    INSTANCE_METRICS,
    PRESETS,
    TASK_METRICS,
    Need,
    Preset,
    check_environment,
    find_preset,
)
from taskscope.errors import UsageError

RECEIVERS = {"xray", "otlp", "statsd", "fluent"}
SINKS = {"xray", "cloudwatch-logs", "emf", "container-insights", "otlp"}


def test_each_preset_is_found_by_its_path() -> None:
    """As a task definition names it, with or without the collector's scheme."""
    assert all(find_preset(path) is preset for path, preset in PRESETS.items())
    assert all(preset.path == path for path, preset in PRESETS.items())
    assert find_preset("file:/etc/ecs/ecs-default-config.yaml") is ECS_DEFAULT


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda each: each.path)
def test_preset_speaks_of_our_receivers_and_sinks(preset: Preset) -> None:
    """One that can do nothing of what it asks for says so."""
    assert set(preset.receivers) <= RECEIVERS
    assert set(preset.sinks) <= SINKS
    assert preset.needs or (preset.receivers and preset.sinks)


def test_what_is_lacking_is_said_in_a_line_each() -> None:
    """And no more once it is there."""
    assert ECS_DEFAULT.shortcomings() == TASK_METRICS.shortcomings() == []
    [line] = INSTANCE_METRICS.shortcomings()
    assert line.startswith("/etc/ecs/otel-instance-metrics-config.yaml: no metrics of the container instance")
    assert INSTANCE_METRICS.shortcomings({Need.INSTANCE_METRICS}) == []
    assert len(PRESETS["/etc/ecs/ecs-amp-xray-prometheus.yaml"].shortcomings({Need.CONTAINER_METRICS})) == 2


def test_unknown_path_is_refused_with_those_that_are_known() -> None:
    """The nearest first."""
    with pytest.raises(UsageError, match="ships") as caught:
        find_preset("/etc/ecs/ecs-xrays.yaml")

    assert "'/etc/ecs/ecs-xrays.yaml'" in caught.value.message
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("did you mean /etc/ecs/ecs-xray.yaml? known are ")
    assert all(path in caught.value.hint for path in PRESETS)


def test_configuration_in_the_environment_is_refused() -> None:
    """It would win over the path in that collector; to ignore it would lose what it says."""
    with pytest.raises(UsageError, match=CONTENT_VARIABLE):
        check_environment({CONTENT_VARIABLE: "receivers: {}"})

    check_environment({CONTENT_VARIABLE: ""})
