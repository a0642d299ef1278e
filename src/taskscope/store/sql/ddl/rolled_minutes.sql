-- Minutes whose rows in nodes_by_minute and edges_by_minute are complete: written after them, so that half a minute counts
-- for nothing. Calls is what spans_by_minute counted before: once it counts more, the minute is due again.
CREATE TABLE IF NOT EXISTS $database.rolled_minutes
(
    Minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    Version UInt64,
    Slot UInt64,
    Calls UInt64,
    ComputedAt DateTime('UTC'),
    IngestedAt DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY Minute
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1
