"""Changes of ECS objects as columns of the ``ecs_*`` tables."""

from collections.abc import Sequence

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

from taskscope.model.change import EcsChange
from taskscope.store.columns.arrays import repeated, times


def change_columns(rows: Sequence[EcsChange]) -> pa.Table:
    """Turn changes of one subject into columns; the whole document is kept as JSON."""
    _, arns, versions, moments, clusters, accounts, regions, event_ids, names, services, documents = zip(
        *rows, strict=True
    )
    return pa.table(
        {
            "Arn": pa.array(arns, pa.string()),
            "Version": pa.array(versions, pa.uint64()),
            "Time": times(moments),
            "ClusterArn": repeated(clusters),
            "Account": repeated(accounts),
            "Region": repeated(regions),
            "EventId": pa.array(event_ids, pa.string()),
            "Name": repeated(names),
            "ServiceArn": repeated(services),
            "Document": pa.array([msgspec.json.encode(document).decode() for document in documents], pa.string()),
        }
    )
