"""Settings of the sinks for CloudWatch: its logs, metrics in its embedded format, Container Insights."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from taskscope.aws.log_writer import EVENT_BYTES, RETENTION_DAYS
from taskscope.config.setting import setting
from taskscope.errors import UsageError
from taskscope.sinks.aws_target import AwsTarget, check_name
from taskscope.sinks.cloudwatch.template import Template
from taskscope.sinks.target import Target, configure
from taskscope.wire.emf.encode import check_namespace

LOGS_GROUP: Final = "/taskscope/{service.name}"
METRICS_GROUP: Final = "/taskscope/metrics"
INSIGHTS_GROUP: Final = "/aws/ecs/containerinsights/{aws.ecs.cluster.name}/performance"
STREAM: Final = "{container.name|service.name}/{aws.ecs.task.id|faas.instance|service.instance.id|host.name}"
_LEAST_EVENT_BYTES: Final = 1_024


class Format(StrEnum):
    """How a log record becomes the message of an event."""

    AUTO = "auto"
    """The body alone where it is a text and nothing else is known of the record; else JSON."""
    TEXT = "text"
    """The body alone."""
    JSON = "json"
    """Always JSON."""


@dataclass(frozen=True)
class LogsSinkConfig(AwsTarget):
    """Settings of ``--to cloudwatch-logs``."""

    name: str = setting("cloudwatch-logs", help="Name of the sink, where there are several of a kind.")
    group: str = setting(
        "", help=f"Template of the log group; empty takes the first of aws.log.group.names, else {LOGS_GROUP}."
    )
    stream: str = setting(STREAM, help="Template of the log stream.")
    retention_days: int = setting(0, help="Retention of groups that are made here, in days; 0 keeps their events.")
    format: str = setting("auto", help="Message of an event: auto, text (the body alone) or json.")
    max_event_bytes: int = setting(EVENT_BYTES, help="Most bytes of a message; a longer one is cut and marked.")

    @classmethod
    def parse(cls, target: Target) -> Self:
        """
        Make the settings of a ``--to``.

        Raises:
            UsageError: An option is unknown or wrong.
        """
        made = configure(cls, target)
        made.validate()
        return made

    def validate(self) -> None:
        """
        Check all settings.

        Raises:
            UsageError: It names the setting and its value.
        """
        super().validate()
        check_name(self.name)
        Template.of_group(self.group or LOGS_GROUP)
        Template.of_stream(self.stream)
        _check_retention(self.retention_days)
        if self.format not in set(Format):
            raise UsageError(f"format {self.format!r} is none", hint="it is auto, text or json")
        if not _LEAST_EVENT_BYTES <= self.max_event_bytes <= EVENT_BYTES:
            raise UsageError(
                f"max-event-bytes {self.max_event_bytes} is not between {_LEAST_EVENT_BYTES} and {EVENT_BYTES}"
            )


@dataclass(frozen=True)
class EmfSinkConfig(AwsTarget):
    """Settings of ``--to emf``."""

    name: str = setting("emf", help="Name of the sink, where there are several of a kind.")
    group: str = setting(METRICS_GROUP, help="Template of the log group that the documents go to.")
    stream: str = setting(STREAM, help="Template of the log stream.")
    namespace: str = setting("Taskscope", help="Namespace of the metrics in CloudWatch.")
    dimension: tuple[str, ...] = setting(
        ("service.name",), help="Resource attributes that are dimensions beside a datapoint's own, given once for each."
    )
    retention_days: int = setting(0, help="Retention of groups that are made here, in days; 0 keeps their events.")
    containers: bool = setting(
        default=False, help="Send metrics of containers, too: a metric of each; container-insights sends fewer."
    )

    @classmethod
    def parse(cls, target: Target) -> Self:
        """
        Make the settings of a ``--to``.

        Raises:
            UsageError: An option is unknown or wrong.
        """
        made = configure(cls, target)
        made.validate()
        return made

    def validate(self) -> None:
        """
        Check all settings.

        Raises:
            UsageError: It names the setting and its value.
        """
        super().validate()
        check_name(self.name)
        Template.of_group(self.group)
        Template.of_stream(self.stream)
        _check_retention(self.retention_days)
        check_namespace(self.namespace)


@dataclass(frozen=True)
class InsightsSinkConfig(AwsTarget):
    """Settings of ``--to container-insights``."""

    name: str = setting("container-insights", help="Name of the sink, where there are several of a kind.")
    group: str = setting(INSIGHTS_GROUP, help="Template of the log group; the console looks into this one.")
    stream: str = setting("taskscope-{aws.ecs.task.id}", help="Template of the log stream.")
    retention_days: int = setting(
        7, help="Retention of groups that are made here, in days; 0 keeps their events. Metrics stay for 15 months."
    )

    @classmethod
    def parse(cls, target: Target) -> Self:
        """
        Make the settings of a ``--to``.

        Raises:
            UsageError: An option is unknown or wrong.
        """
        made = configure(cls, target)
        made.validate()
        return made

    def validate(self) -> None:
        """
        Check all settings.

        Raises:
            UsageError: It names the setting and its value.
        """
        super().validate()
        check_name(self.name)
        Template.of_group(self.group)
        Template.of_stream(self.stream)
        _check_retention(self.retention_days)


def _check_retention(days: int) -> None:
    if days and days not in RETENTION_DAYS:
        allowed = ", ".join(map(str, sorted(RETENTION_DAYS)))
        raise UsageError(f"retention-days {days} is none that CloudWatch Logs takes", hint=f"0 or one of {allowed}")
