-- What containers and tasks used, minute by minute, from the metrics that say so: top, lists and dashboards read this instead
-- of points, which are not kept in order of time. Readings are pairs of time (nanoseconds since the epoch) and value, in any
-- order; a minute may be in several rows. A task's own figures have no container; where it has several counters of one kind,
-- Series says which. AWS tells traffic as a rate.
CREATE TABLE IF NOT EXISTS $database.usage_by_minute
(
    Minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    ClusterArn LowCardinality(String),
    TaskArn LowCardinality(String),
    Container LowCardinality(String),
    Series LowCardinality(String),
    Source LowCardinality(String),
    Service SimpleAggregateFunction(max, LowCardinality(String)),
    Family SimpleAggregateFunction(max, LowCardinality(String)),
    Revision SimpleAggregateFunction(max, LowCardinality(String)),
    LaunchType SimpleAggregateFunction(max, LowCardinality(String)),
    Zone SimpleAggregateFunction(max, LowCardinality(String)),
    CpuLimit SimpleAggregateFunction(max, Float64) CODEC(ZSTD(1)),
    MemoryLimit SimpleAggregateFunction(max, Float64) CODEC(ZSTD(1)),
    Started SimpleAggregateFunction(max, Int64) CODEC(ZSTD(1)),
    Cpu SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Memory SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Received SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Transmitted SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Read SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Written SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    ReceivedRate SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    TransmittedRate SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Health SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Restarts SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    IngestedAt SimpleAggregateFunction(max, DateTime('UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(Minute)
ORDER BY (Minute, ClusterArn, TaskArn, Container, Series, Source)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1
