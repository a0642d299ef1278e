-- Names are those of model/container_metrics; of values, see otel_metrics_gauge_to_usage.
CREATE MATERIALIZED VIEW IF NOT EXISTS $database.otel_metrics_sum_to_usage TO $database.usage_by_minute AS
SELECT
    toStartOfMinute(TimeUnix)::DateTime('UTC') AS Minute,
    ResourceAttributes['aws.ecs.cluster.arn'] AS ClusterArn,
    ResourceAttributes['aws.ecs.task.arn'] AS TaskArn,
    ResourceAttributes['container.name'] AS Container,
    concat(Attributes['network.interface.name'], ' ', Attributes['container.name']) AS Series,
    ResourceAttributes['taskscope.measured_by'] AS Source,
    max(ResourceAttributes['aws.ecs.service.name']) AS Service,
    max(ResourceAttributes['aws.ecs.task.family']) AS Family,
    max(ResourceAttributes['aws.ecs.task.revision']) AS Revision,
    max(ResourceAttributes['aws.ecs.launchtype']) AS LaunchType,
    max(ResourceAttributes['cloud.availability_zone']) AS Zone,
    groupArrayIf((time, Value), is_network AND Attributes['network.io.direction'] = 'receive') AS Received,
    groupArrayIf((time, Value), is_network AND Attributes['network.io.direction'] = 'transmit') AS Transmitted,
    groupArrayIf((time, Value), is_disk AND Attributes['disk.io.direction'] = 'read') AS Read,
    groupArrayIf((time, Value), is_disk AND Attributes['disk.io.direction'] = 'write') AS Written,
    groupArrayIf((time, Value), MetricName = 'container.restarts') AS Restarts,
    now() AS IngestedAt
FROM
(
    SELECT
        ResourceAttributes, Attributes, MetricName, TimeUnix, Value, toUnixTimestamp64Nano(TimeUnix) AS time,
        MetricName IN ('container.network.io', 'ecs.task.network.io') AS is_network,
        MetricName IN ('container.disk.io', 'ecs.task.disk.io') AS is_disk
    FROM $database.otel_metrics_sum
    WHERE MetricName IN (
        'container.network.io', 'ecs.task.network.io', 'container.disk.io', 'ecs.task.disk.io', 'container.restarts')
        AND abs(Value) <= exp2(64)
)
WHERE TaskArn != ''
GROUP BY Minute, ClusterArn, TaskArn, Container, Series, Source
