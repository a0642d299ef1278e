CREATE MATERIALIZED VIEW IF NOT EXISTS $writers.otel_metrics_gauge_kept TO $database.otel_metrics_gauge AS
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
    Value,
    `Exemplars.FilteredAttributes`,
    `Exemplars.TimeUnix`,
    `Exemplars.Value`,
    `Exemplars.SpanId`,
    `Exemplars.TraceId`
FROM $writers.otel_metrics_gauge
