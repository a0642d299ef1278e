"""Who knows the senders: the own task of a sidecar, and tasks whose changes came by."""

import os

from taskscope.aws.task_metadata import TaskMetadata
from taskscope.pipeline.enrich import Addresses, Enricher, OwnTask, TaskAddresses


def make_enrichment(addresses: TaskAddresses | None = None) -> Enricher | None:
    """Return who knows senders; None outside of ECS, if no changes of tasks come either."""
    registers: list[Addresses] = []
    if (endpoint := TaskMetadata.from_environment(os.environ)) is not None:
        registers.append(OwnTask(endpoint.task))
    if addresses is not None:
        registers.append(addresses)
    return Enricher(*registers) if registers else None
