"""Settings of the sink for X-Ray."""

from dataclasses import dataclass
from typing import Self

from taskscope.config.setting import setting
from taskscope.sinks.aws_target import AwsTarget, check_name
from taskscope.sinks.target import Target, configure


@dataclass(frozen=True)
class XRaySinkConfig(AwsTarget):
    """Settings of ``--to xray``; the X-Ray daemon's options of the same meaning are the flags of ``collect``."""

    name: str = setting("xray", help="Name of the sink, where there are several of a kind.")
    resource_arn: str = setting("", help="ARN of the resource that telemetry records name as the collector's host.")
    telemetry: bool = setting(
        default=True, help="Whether to tell X-Ray each minute how many segments came and went, as its daemon does."
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
