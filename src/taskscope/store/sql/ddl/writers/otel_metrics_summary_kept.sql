CREATE MATERIALIZED VIEW IF NOT EXISTS $writers.otel_metrics_summary_kept TO $database.otel_metrics_summary AS
SELECT
    ResourceAttributes,
    ResourceSchemaUrl,
    ScopeName,
    ScopeVersion,
    ScopeAttributes,
    ScopeDroppedAttrCount,
    ScopeSchemaUrl,
    ServiceName,
    MetricName,
    MetricDescription,
    MetricUnit,
    Attributes,
    StartTimeUnix,
    least(TimeUnix, fromUnixTimestamp64Nano($latest_ns, 'UTC')) AS TimeUnix,
    Flags,
    Count,
    Sum,
    `ValueAtQuantiles.Quantile`,
    `ValueAtQuantiles.Value`
FROM $writers.otel_metrics_summary
