-- The spans under the 22 names that the OpenTelemetry Collector's ClickHouse exporter gives them, for Grafana and HyperDX.
-- ResourceAttributes is parsed from JSON for each row, as JSONExtractString would: SQL of ours asks
-- simpleJSONExtractString(Resource, 'key') of spans, which runs once for each distinct resource.
CREATE VIEW IF NOT EXISTS $database.otel_traces AS
SELECT
    Timestamp,
    lower(hex(TraceId)) AS TraceId,
    lower(hex(SpanId)) AS SpanId,
    if(ParentSpanId = toFixedString('', 8), '', lower(hex(ParentSpanId))) AS ParentSpanId,
    TraceState,
    SpanName,
    toLowCardinality(transform(SpanKind, [1, 2, 3, 4, 5],
        ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified')) AS SpanKind,
    ServiceName,
    JSONExtract(Resource::String, 'Map(LowCardinality(String), String)') AS ResourceAttributes,
    ScopeName,
    ScopeVersion,
    SpanAttributes,
    Duration,
    toLowCardinality(transform(StatusCode, [1, 2], ['Ok', 'Error'], 'Unset')) AS StatusCode,
    StatusMessage,
    `Events.Timestamp`,
    `Events.Name`,
    `Events.Attributes`,
    arrayMap(each -> lower(hex(each)), `Links.TraceId`) AS `Links.TraceId`,
    arrayMap(each -> lower(hex(each)), `Links.SpanId`) AS `Links.SpanId`,
    `Links.TraceState`,
    `Links.Attributes`
FROM $database.spans
