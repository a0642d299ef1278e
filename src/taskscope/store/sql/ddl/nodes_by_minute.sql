-- Requests that entered each node, by minute, computed by store/rollups.py of whole minutes: docs/adr/0010.
-- Rows of a minute count only with the newest version that rolled_minutes has of it.
-- A program writes in one slot of its own and then in its other: merges drop what it wrote two versions ago, and never what
-- counts. Histogram: how many took 2^((bucket-1)/16) to 2^(bucket/16) ns.
CREATE TABLE IF NOT EXISTS $database.nodes_by_minute
(
    Minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    Slot UInt64,
    Slice UInt16,
    Name LowCardinality(String),
    Type LowCardinality(String),
    Version UInt64,
    IsEntry Bool,
    Account LowCardinality(String),
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
ORDER BY (Minute, Slot, Slice, Name, Type)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1
