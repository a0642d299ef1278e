-- What tells series apart, in whatever order their labels came. Counting the series of all metrics of an hour (2.6 million
-- points) takes 0.2 s of CPU with it, and 2.8 s with the maps that it is made of.
ALTER TABLE $database.otel_metrics_histogram ADD COLUMN IF NOT EXISTS Series UInt64 MATERIALIZED cityHash64(
    ScopeName,
    arraySum((k, v) -> cityHash64(k, v), mapKeys(Attributes), mapValues(Attributes)),
    arraySum((k, v) -> cityHash64(k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes))
) CODEC(ZSTD(1))
