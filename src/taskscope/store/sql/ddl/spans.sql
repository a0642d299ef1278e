-- One row per span; readers who know the Collector's names ask the view otel_traces.
-- Ids have fixed length, a resource is one JSON text for each sender: 1.2 to 1.35 times the inserts of an 11-entry Map.
-- The index on the hex form is the one that the view's TraceId finds; `TraceId = unhex(...)` finds none.
-- The index on Timestamp prunes what the minute in the sort key hides from a plain BETWEEN.
-- Compact parts and rarer merges: 1.2 times each. Replaced parts go after seconds: docs/adr/0005.
CREATE TABLE IF NOT EXISTS $database.spans
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
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1)),
    INDEX trace_id_hex lower(hex(TraceId)) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX time Timestamp TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, toStartOfMinute(Timestamp), Timestamp)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1,
    min_bytes_for_wide_part = 1000000000, merge_selector_base = 12
