CREATE MATERIALIZED VIEW IF NOT EXISTS $writers.otel_logs_kept TO $database.otel_logs AS
SELECT
    least(Timestamp, fromUnixTimestamp64Nano($latest_ns, 'UTC')) AS Timestamp,
    TraceId,
    SpanId,
    TraceFlags,
    SeverityText,
    SeverityNumber,
    ServiceName,
    Body,
    ResourceSchemaUrl,
    ResourceAttributes,
    ScopeSchemaUrl,
    ScopeName,
    ScopeVersion,
    ScopeAttributes,
    LogAttributes,
    EventName
FROM $writers.otel_logs
