"""Who produced telemetry, and which library did."""

from dataclasses import dataclass, field
from typing import Final

from taskscope.model.attributes import Attributes

UNKNOWN_SERVICE: Final = "unknown_service"
"""What OpenTelemetry calls a sender that does not say."""


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """
    Who produced telemetry: attributes such as ``service.name`` and ``aws.ecs.task.arn``.

    Many rows share one object, so it compares by identity; what is made of it is made once for each object.
    """

    attributes: Attributes = field(default_factory=dict)
    schema_url: str = ""

    @property
    def service_name(self) -> str:
        """``service.name``, or OpenTelemetry's word for a missing one."""
        name = self.attributes.get("service.name")
        return name if isinstance(name, str) and name else UNKNOWN_SERVICE


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """Which library produced telemetry; shared and compared like a resource."""

    name: str = ""
    version: str = ""
    attributes: Attributes = field(default_factory=dict)
    schema_url: str = ""


NO_SCOPE: Final = Scope()
