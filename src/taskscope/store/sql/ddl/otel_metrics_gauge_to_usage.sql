-- Names are those of model/container_metrics. Apps may send metrics of these names as well: what is no number, or more than a
-- machine has of anything, is none of a container. A view that fails leaves points in the metrics' table, to come again.
CREATE MATERIALIZED VIEW IF NOT EXISTS $database.otel_metrics_gauge_to_usage TO $database.usage_by_minute AS
SELECT
    toStartOfMinute(TimeUnix)::DateTime('UTC') AS Minute,
    ResourceAttributes['aws.ecs.cluster.arn'] AS ClusterArn,
    ResourceAttributes['aws.ecs.task.arn'] AS TaskArn,
    ResourceAttributes['container.name'] AS Container,
    '' AS Series,
    ResourceAttributes['taskscope.measured_by'] AS Source,
    max(ResourceAttributes['aws.ecs.service.name']) AS Service,
    max(ResourceAttributes['aws.ecs.task.family']) AS Family,
    max(ResourceAttributes['aws.ecs.task.revision']) AS Revision,
    max(ResourceAttributes['aws.ecs.launchtype']) AS LaunchType,
    max(ResourceAttributes['cloud.availability_zone']) AS Zone,
    maxIf(Value, MetricName IN ('container.cpu.reserved', 'ecs.task.cpu.limit')) AS CpuLimit,
    maxIf(Value, MetricName IN ('container.memory.limit', 'ecs.task.memory.limit')) AS MemoryLimit,
    maxIf(time - toInt64(Value * 1e9), MetricName = 'container.uptime' AND Value < 9e9) AS Started,
    groupArrayIf((time, Value), MetricName IN ('container.cpu.usage', 'ecs.task.cpu.usage')) AS Cpu,
    groupArrayIf((time, Value), MetricName IN ('container.memory.working_set', 'ecs.task.memory.working_set')) AS Memory,
    groupArrayIf((time, Value), is_rate AND Attributes['network.io.direction'] = 'receive') AS ReceivedRate,
    groupArrayIf((time, Value), is_rate AND Attributes['network.io.direction'] = 'transmit') AS TransmittedRate,
    groupArrayIf((time, Value), MetricName = 'container.health') AS Health,
    now() AS IngestedAt
FROM
(
    SELECT
        ResourceAttributes, Attributes, MetricName, TimeUnix, Value, toUnixTimestamp64Nano(TimeUnix) AS time,
        MetricName IN ('container.network.rate', 'ecs.task.network.rate') AS is_rate
    FROM $database.otel_metrics_gauge
    WHERE MetricName IN (
        'container.cpu.usage', 'container.cpu.reserved', 'container.memory.working_set', 'container.memory.limit',
        'container.health', 'container.uptime', 'ecs.task.cpu.usage', 'ecs.task.cpu.limit',
        'ecs.task.memory.working_set', 'ecs.task.memory.limit', 'container.network.rate', 'ecs.task.network.rate')
        AND abs(Value) <= exp2(64)
)
WHERE TaskArn != ''
GROUP BY Minute, ClusterArn, TaskArn, Container, Series, Source
