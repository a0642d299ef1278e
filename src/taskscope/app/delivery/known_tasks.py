"""Tasks that the store knows to run: whose addresses they have need not be told again after a start."""

import json
from typing import Final

from taskscope.model.change import EcsChange, Subject
from taskscope.pipeline.enrich import TaskAddresses
from taskscope.store.api import Reader

_MOST: Final = 5_000
"""Tasks, of a few kB each; those that changed last."""
_SECONDS: Final = 10.0
_RUNNING: Final = """
SELECT Arn, Version, toUnixTimestamp64Nano(Time), ClusterArn, Account, Region, Name, ServiceArn, Document
FROM ecs_tasks
WHERE (Arn, Version) IN (
    SELECT Arn, max(Version) FROM ecs_tasks WHERE Time > now() - INTERVAL 90 DAY
    GROUP BY Arn HAVING argMax(Name, Version) NOT IN ('DEPROVISIONING', 'STOPPED', 'DELETED')
    ORDER BY max(Time) DESC LIMIT {most:UInt32}
)
LIMIT 1 BY Arn
"""


def teach(store: Reader, addresses: TaskAddresses) -> int:
    """
    Tell the addresses of tasks that have not stopped; return how many tasks there are.

    Raises:
        TaskscopeError: The store does not answer.
    """
    answer = store.query(_RUNNING, {"most": _MOST}, max_rows=_MOST, timeout_seconds=_SECONDS)
    for arn, version, time_ns, cluster, account, region, name, service, document in answer.rows:
        addresses.learn(
            EcsChange(
                subject=Subject.TASK,
                arn=arn,
                version=version,
                time_ns=time_ns,
                cluster_arn=cluster,
                account=account,
                region=region,
                event_id="",
                name=name,
                service_arn=service,
                document=json.loads(document),
            )
        )
    return len(answer.rows)
