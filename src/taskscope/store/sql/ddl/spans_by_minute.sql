-- Calls, failures and durations of each operation and minute: maps and dashboards read this instead of spans.
-- The digest gives any percentile: quantilesTDigestMerge(0.5, 0.99)(Duration).
CREATE TABLE IF NOT EXISTS $database.spans_by_minute
(
    ServiceName LowCardinality(String),
    SpanName LowCardinality(String),
    SpanKind Int32,
    Minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    Calls SimpleAggregateFunction(sum, UInt64),
    Errors SimpleAggregateFunction(sum, UInt64),
    Faults SimpleAggregateFunction(sum, UInt64),
    Throttles SimpleAggregateFunction(sum, UInt64),
    DurationSum SimpleAggregateFunction(sum, UInt64),
    DurationMax SimpleAggregateFunction(max, UInt64),
    Duration AggregateFunction(quantilesTDigest(0.5), UInt64),
    IngestedAt SimpleAggregateFunction(max, DateTime('UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(Minute)
ORDER BY (ServiceName, Minute, SpanName, SpanKind)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1
