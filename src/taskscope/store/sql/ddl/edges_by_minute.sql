-- Requests from node to node, by the minute of the caller's span; see nodes_by_minute. Kind: 0 a call, 1 a link.
-- Inferred: the caller alone told of it.
CREATE TABLE IF NOT EXISTS $database.edges_by_minute
(
    Minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    Slot UInt64,
    Slice UInt16,
    SourceName LowCardinality(String),
    SourceType LowCardinality(String),
    TargetName LowCardinality(String),
    TargetType LowCardinality(String),
    Kind UInt8,
    Inferred Bool,
    Version UInt64,
    Ok UInt64,
    Errors UInt64,
    Throttles UInt64,
    Faults UInt64,
    DurationSum UInt64,
    DurationMax UInt64,
    Histogram Map(UInt16, UInt64),
    Start DateTime64(9, 'UTC'),
    End DateTime64(9, 'UTC'),
    IngestedAt DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, Slot, Slice, SourceName, SourceType, TargetName, TargetType, Kind, Inferred)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1
