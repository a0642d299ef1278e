-- X-Ray segments that a later document, complete and of the same id, replaces: apart, so that no count sees them twice.
-- The newest one of an id wins; a reader leaves out those whose id is in spans.
CREATE TABLE IF NOT EXISTS $database.spans_in_progress
(
    Timestamp DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    TraceId FixedString(16),
    SpanId FixedString(8),
    ParentSpanId FixedString(8),
    TraceState String,
    Flags UInt32,
    SpanName LowCardinality(String),
    SpanKind Int32,
    ServiceName LowCardinality(String),
    Resource LowCardinality(String),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName LowCardinality(String),
    ScopeVersion LowCardinality(String),
    ScopeAttributes LowCardinality(String) DEFAULT '{}',
    ScopeSchemaUrl LowCardinality(String),
    SpanAttributes Map(LowCardinality(String), String),
    Duration UInt64,
    StatusCode Int32,
    StatusMessage String,
    `Events.Timestamp` Array(DateTime64(9, 'UTC')),
    `Events.Name` Array(LowCardinality(String)),
    `Events.Attributes` Array(Map(LowCardinality(String), String)),
    `Links.TraceId` Array(FixedString(16)),
    `Links.SpanId` Array(FixedString(8)),
    `Links.TraceState` Array(String),
    `Links.Attributes` Array(Map(LowCardinality(String), String)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree(IngestedAt)
PARTITION BY toDate(Timestamp)
ORDER BY (TraceId, SpanId)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1
