"""Tasks that are measured, for tests: points as the collector writes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from taskscope.clock import SECOND
from taskscope.model import container_metrics as names
from taskscope.model.batch import Batch, Signal
from taskscope.model.change import EcsChange, Subject
from taskscope.model.metric import Datapoint, Metric
from taskscope.model.resource import Resource
from taskscope.sinks.store import StoreSink
from taskscope.store.columns.changes import change_columns
from taskscope.store.engine import Store

START: Final = 1_790_000_400 * SECOND
"""At a full minute, which is a full hour's third."""
ACCOUNT: Final = "arn:aws:ecs:eu-west-1:111122223333"


@dataclass(frozen=True)
class Measured:
    """A task that is measured."""

    cluster: str
    number: int
    service: str = ""
    source: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def cluster_arn(self) -> str:
        """The ARN of its cluster."""
        return f"{ACCOUNT}:cluster/{self.cluster}"

    @property
    def id(self) -> str:
        """Its id."""
        return f"{self.number:032x}"

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"{ACCOUNT}:task/{self.cluster}/{self.id}"

    def resource(self, container: str = "") -> Resource:
        """Return what produced its points."""
        said = {
            names.CLUSTER_ARN: self.cluster_arn,
            names.TASK_ARN: self.arn,
            names.SERVICE: self.service,
            names.MEASURED_BY: self.source,
            names.CONTAINER_NAME: container,
            names.TASK_FAMILY: "web",
            "aws.ecs.task.revision": "7",
            "aws.ecs.launchtype": "fargate",
            "cloud.availability_zone": "eu-west-1a",
            **self.attributes,
        }
        return Resource({name: value for name, value in said.items() if value})

    def points(
        self, time_ns: int, values: Mapping[Metric, float], container: str = "", **attributes: str
    ) -> Iterable[Datapoint]:
        """Yield what was measured at a time; attributes are those of ``model.container_metrics`` by short names."""
        keys = {
            "direction": names.DIRECTION_OF_NETWORK,
            "disk": names.DIRECTION_OF_DISK,
            "interface": names.INTERFACE,
            "of": names.CONTAINER_NAME,
        }
        said = {keys[name]: value for name, value in attributes.items()}
        resource = self.resource(container)
        for metric, value in values.items():
            yield Datapoint(metric, said, time_ns, value, resource)

    def named(self, service: str) -> "Measured":
        """Return it as one of a service."""
        return replace(self, service=service)

    def change(self, version: int, time_ns: int, status: str, **document: object) -> EcsChange:
        """Return what ECS told of it."""
        return EcsChange(
            Subject.TASK, self.arn, version, time_ns, self.cluster_arn, "111122223333", "eu-west-1", "", status, "",
            document,
        )  # fmt: skip


def keep(store: Store, points: Iterable[Datapoint], token: str) -> None:
    """Store points, in one batch."""
    if rows := list(points):
        assert StoreSink(store).consume(Batch(Signal.METRICS, rows, token)).accepted == len(rows)


def tell(store: Store, changes: Iterable[EcsChange], token: str) -> None:
    """Store what ECS or CloudWatch told, of one subject."""
    rows = list(changes)
    store.insert_columns(f"ecs_{rows[0].subject}s", change_columns(rows), token=token)
