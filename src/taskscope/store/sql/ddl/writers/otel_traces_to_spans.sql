-- Kind and status are also read in the spelling of exporters before August 2024 (SPAN_KIND_SERVER, STATUS_CODE_ERROR).
CREATE MATERIALIZED VIEW IF NOT EXISTS $writers.otel_traces_to_spans TO $database.spans AS
SELECT
    least(Timestamp, fromUnixTimestamp64Nano($latest_ns, 'UTC')) AS Timestamp,
    toFixedString(unhex(TraceId), 16) AS TraceId,
    toFixedString(unhex(SpanId), 8) AS SpanId,
    toFixedString(unhex(ParentSpanId), 8) AS ParentSpanId,
    TraceState,
    SpanName,
    transform(replaceOne(lower(SpanKind), 'span_kind_', ''), ['internal', 'server', 'client', 'producer', 'consumer'],
        [1, 2, 3, 4, 5], 0)::Int32 AS SpanKind,
    ServiceName,
    toLowCardinality(toJSONString(ResourceAttributes)) AS Resource,
    toLowCardinality(ScopeName) AS ScopeName,
    toLowCardinality(ScopeVersion) AS ScopeVersion,
    SpanAttributes,
    Duration,
    transform(replaceOne(lower(StatusCode), 'status_code_', ''), ['ok', 'error'], [1, 2], 0)::Int32 AS StatusCode,
    StatusMessage,
    `Events.Timestamp`,
    `Events.Name`,
    `Events.Attributes`,
    arrayMap(each -> toFixedString(unhex(each), 16), `Links.TraceId`) AS `Links.TraceId`,
    arrayMap(each -> toFixedString(unhex(each), 8), `Links.SpanId`) AS `Links.SpanId`,
    `Links.TraceState`,
    `Links.Attributes`
FROM $writers.otel_traces
