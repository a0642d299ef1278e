-- The Collector's table. TimestampTime is what readers made for exporters up to 0.150 filter by; it takes no room.
-- Live tail asks twice a second what came in; stores that were made without the index "came" read the whole column.
-- ObservedTimestamp, Flags (all 32 bits) and Structured (the body is JSON of something else than a string) are ours.
CREATE TABLE IF NOT EXISTS $database.otel_logs
(
    Timestamp DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    TraceFlags UInt8,
    SeverityText LowCardinality(String),
    SeverityNumber UInt8,
    ServiceName LowCardinality(String),
    Body String CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    LogAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    EventName String CODEC(ZSTD(1)),
    ObservedTimestamp DateTime64(9, 'UTC') DEFAULT Timestamp CODEC(Delta(8), ZSTD(1)),
    Flags UInt32 DEFAULT TraceFlags,
    Structured Bool DEFAULT false,
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1)),
    TimestampTime DateTime('UTC') ALIAS toDateTime(Timestamp),
    INDEX trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX time Timestamp TYPE minmax GRANULARITY 1,
    INDEX came IngestedAt TYPE minmax GRANULARITY 1,
    INDEX words Body TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, toStartOfMinute(Timestamp), Timestamp)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1,
    min_bytes_for_wide_part = 1000000000, merge_selector_base = 12
