CREATE TABLE IF NOT EXISTS $database.ecs_clusters
(
    Arn String,
    Version UInt64,
    Time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    ClusterArn LowCardinality(String),
    Account LowCardinality(String),
    Region LowCardinality(String),
    EventId String,
    Name LowCardinality(String),
    ServiceArn LowCardinality(String),
    Document String CODEC(ZSTD(3)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree(IngestedAt)
PARTITION BY toYYYYMM(Time)
ORDER BY (Arn, Version)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1
