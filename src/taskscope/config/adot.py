"""
The configurations that AWS's distribution of the OpenTelemetry collector ships, as presets.

A task definition names one by its path in that image (``--config=/etc/ecs/ecs-default-config.yaml``). What is in them:
aws-observability/aws-otel-collector, ``config/``, which its image has as ``/etc/``.
"""

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from taskscope.errors import UsageError

CONTENT_VARIABLE: Final = "AOT_CONFIG_CONTENT"
"""Holds a whole configuration, and wins over ``--config`` in that collector."""

LISTEN: Final = "0.0.0.0"  # noqa: S104 (what the shipped files say)
"""The address that receivers bind in every preset."""


class Need(StrEnum):
    """What a preset asks for beside the receivers and sinks that it names; the value says what is lost without it."""

    CONTAINER_METRICS = "no metrics of containers are read from the task metadata endpoint"
    INSTANCE_METRICS = "no metrics of the container instance are read"
    PROMETHEUS_SCRAPE = "no Prometheus endpoint is scraped"
    PROMETHEUS_WRITE = "no metrics are written to Amazon Managed Service for Prometheus"


@dataclass(frozen=True, slots=True)
class Preset:
    """A shipped configuration, in our words."""

    path: str
    receivers: tuple[str, ...]
    sinks: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    emf_namespace: str = "ECS/AWSOTel/Application"
    """CloudWatch namespace of the applications' metrics."""
    emf_log_group: str = "/aws/ecs/application/metrics"
    """Log group of the applications' metrics."""
    statsd_interval_seconds: float = 60
    """How long StatsD lines are added up."""

    def shortcomings(self, available: Collection[Need] = ()) -> list[str]:
        """Return a line for each thing that the preset asks for and that is not available."""
        return [f"{self.path}: {each}" for each in self.needs if each not in available]


DEFAULT: Final = Preset(
    "/etc/otel-config.yaml",
    ("otlp", "xray"),
    ("xray", "emf"),
    emf_namespace="default",
    emf_log_group="/metrics/default",
)
"""What that image runs when it is told nothing: traces to X-Ray, metrics to CloudWatch by its exporter's defaults."""

ECS_DEFAULT: Final = Preset("/etc/ecs/ecs-default-config.yaml", ("otlp", "xray", "statsd"), ("xray", "emf"))
"""The usual sidecar: traces to X-Ray, OTLP's and StatsD's metrics to CloudWatch."""

TASK_METRICS: Final = Preset(
    "/etc/ecs/container-insights/otel-task-metrics-config.yaml",
    ("otlp", "xray", "statsd"),
    ("xray", "emf", "container-insights"),
)
"""The usual sidecar, and container metrics to ``/aws/ecs/containerinsights/CLUSTER/performance``."""

INSTANCE_METRICS: Final = Preset(
    "/etc/ecs/otel-instance-metrics-config.yaml", (), ("emf",), (Need.INSTANCE_METRICS,), "ECS/ContainerInsights"
)
"""A daemon service on EC2: metrics of the instance for Container Insights."""

XRAY: Final = Preset("/etc/ecs/ecs-xray.yaml", ("otlp",), ("xray",))
"""OTLP's traces to X-Ray."""

CLOUDWATCH: Final = Preset("/etc/ecs/ecs-cloudwatch.yaml", ("otlp",), ("emf",))
"""OTLP's metrics to CloudWatch."""

CLOUDWATCH_XRAY: Final = Preset("/etc/ecs/ecs-cloudwatch-xray.yaml", ("otlp",), ("xray", "emf"))
"""OTLP's traces to X-Ray, its metrics to CloudWatch."""

AMP: Final = Preset("/etc/ecs/ecs-amp.yaml", ("otlp",), (), (Need.PROMETHEUS_WRITE, Need.CONTAINER_METRICS))
"""OTLP's and container metrics to a Prometheus workspace (``AWS_PROMETHEUS_ENDPOINT``)."""

AMP_XRAY: Final = Preset(
    "/etc/ecs/ecs-amp-xray.yaml", ("otlp",), ("xray",), (Need.PROMETHEUS_WRITE, Need.CONTAINER_METRICS)
)
"""As ``AMP``, and OTLP's traces to X-Ray."""

AMP_PROMETHEUS: Final = Preset(
    "/etc/ecs/ecs-amp-prometheus.yaml",
    (),
    (),
    (Need.PROMETHEUS_SCRAPE, Need.PROMETHEUS_WRITE, Need.CONTAINER_METRICS),
)
"""A scraped endpoint's (``AWS_PROMETHEUS_SCRAPING_ENDPOINT``) and container metrics to a Prometheus workspace."""

AMP_XRAY_PROMETHEUS: Final = Preset(
    "/etc/ecs/ecs-amp-xray-prometheus.yaml",
    ("otlp",),
    ("xray",),
    (Need.PROMETHEUS_SCRAPE, Need.PROMETHEUS_WRITE, Need.CONTAINER_METRICS),
)
"""As ``AMP_PROMETHEUS``, and OTLP's traces to X-Ray."""

APP_RUNNER: Final = Preset("/etc/apprunner/apprunner-default-config.yaml", ("otlp", "xray"), ("xray",))
"""App Runner's: OTLP's traces to X-Ray, and the sampling proxy, which is the X-Ray receiver's here."""

PRESETS: Final[Mapping[str, Preset]] = {
    each.path: each
    for each in (
        DEFAULT, ECS_DEFAULT, TASK_METRICS, INSTANCE_METRICS, XRAY, CLOUDWATCH, CLOUDWATCH_XRAY, AMP, AMP_XRAY,
        AMP_PROMETHEUS, AMP_XRAY_PROMETHEUS, APP_RUNNER,
    )
}  # fmt: skip
"""By path."""


def check_environment(environ: Mapping[str, str]) -> None:
    """
    Refuse a configuration in the environment: in that collector it wins, so to pass over it would lose what it says.

    Raises:
        UsageError: ``AOT_CONFIG_CONTENT`` is set.
    """
    if environ.get(CONTENT_VARIABLE):
        raise UsageError(
            f"{CONTENT_VARIABLE} holds a configuration of AWS's OpenTelemetry collector, which is not read here",
            hint="take the variable away, and name receivers and sinks with --receivers and --to",
        )


def find_preset(path: str) -> Preset:
    """
    Return the preset of a path; ``file:`` before it is allowed, as the collector does.

    Raises:
        UsageError: No such file is shipped.
    """
    if found := PRESETS.get(path.removeprefix("file:")):
        return found
    near = difflib.get_close_matches(path, PRESETS, n=1)
    known = f"did you mean {near[0]}? " if near else ""
    raise UsageError(
        f"--config {path!r} is no configuration that AWS's OpenTelemetry collector ships",
        hint=f"{known}known are {', '.join(PRESETS)}",
    )
