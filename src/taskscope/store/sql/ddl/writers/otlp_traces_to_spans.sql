-- What is one for many rows (resource, service, scope) is made before the spans are unrolled.
-- A span without valid ids fails the insert: its body is then decoded outside, where it can be told which span it is.
-- A service.name that is no string, or none, is unknown_service. A start after $latest_ns is taken for that moment.
CREATE MATERIALIZED VIEW IF NOT EXISTS $writers.otlp_traces_to_spans TO $database.spans AS
WITH arrayMap($otlp_text, `s.attributes`.value) AS texts
SELECT
    fromUnixTimestamp64Nano(toInt64(least(`s.start`, $latest_ns)), 'UTC') AS Timestamp,
    toFixedString(`s.trace_id`, 16) AS TraceId,
    toFixedString(`s.span_id`, 8) AS SpanId,
    toFixedString(if(length(`s.parent_span_id`) = 8, `s.parent_span_id`, ''), 8) AS ParentSpanId,
    `s.trace_state` AS TraceState,
    `s.flags` AS Flags,
    `s.name` AS SpanName,
    `s.kind` AS SpanKind,
    ServiceName,
    Resource,
    ResourceSchemaUrl,
    ScopeName,
    ScopeVersion,
    ScopeAttributes,
    ScopeSchemaUrl,
    mapFromArrays(
        if(`s.end` < `s.start`, arrayPushBack(`s.attributes`.key, 'taskscope.end_before_start'), `s.attributes`.key),
        if(`s.end` < `s.start`, arrayPushBack(texts, 'true'), texts)) AS SpanAttributes,
    if(`s.end` > `s.start`, `s.end` - `s.start`, 0) AS Duration,
    `s.status`.code AS StatusCode,
    `s.status`.message AS StatusMessage,
    arrayMap(ns -> fromUnixTimestamp64Nano(toInt64(least(ns, $latest_ns)), 'UTC'), `s.events`.time) AS `Events.Timestamp`,
    `s.events`.name AS `Events.Name`,
    arrayMap(each -> mapFromArrays(each.key, arrayMap($otlp_text, each.value)), `s.events`.attributes) AS `Events.Attributes`,
    arrayMap(each -> toFixedString(if(length(each) = 16, each, ''), 16), `s.links`.trace_id) AS `Links.TraceId`,
    arrayMap(each -> toFixedString(if(length(each) = 8, each, ''), 8), `s.links`.span_id) AS `Links.SpanId`,
    `s.links`.trace_state AS `Links.TraceState`,
    arrayMap(each -> mapFromArrays(each.key, arrayMap($otlp_text, each.value)), `s.links`.attributes) AS `Links.Attributes`
FROM
(
    SELECT
        untuple(arrayJoin(`scoped.spans`)) AS s,
        ServiceName,
        Resource,
        ResourceSchemaUrl,
        toLowCardinality(`scoped.scope`.name) AS ScopeName,
        toLowCardinality(`scoped.scope`.version) AS ScopeVersion,
        toLowCardinality(toJSONString(mapFromArrays(
            `scoped.scope`.attributes.key, arrayMap($otlp_text, `scoped.scope`.attributes.value)))) AS ScopeAttributes,
        toLowCardinality(`scoped.schema_url`) AS ScopeSchemaUrl
    FROM
    (
        SELECT
            untuple(arrayJoin(sent.scope_spans)) AS scoped,
            toLowCardinality(toJSONString(attributes)) AS Resource,
            toLowCardinality(if(named AND attributes['service.name'] != '',
                attributes['service.name'], 'unknown_service')) AS ServiceName,
            toLowCardinality(sent.schema_url) AS ResourceSchemaUrl
        FROM
        (
            SELECT
                sent,
                mapFromArrays(sent.resource.attributes.key, arrayMap($otlp_text, sent.resource.attributes.value)) AS attributes,
                arrayExists(each -> each.key = 'service.name' AND startsWith(each.value, '\n'), sent.resource.attributes) AS named
            FROM (SELECT arrayJoin(resource_spans) AS sent FROM $writers.otlp_traces)
        )
    )
)
WHERE NOT throwIf(
    length(`s.trace_id`) != 16 OR length(`s.span_id`) != 8
    OR `s.trace_id` = unhex('00000000000000000000000000000000') OR `s.span_id` = unhex('0000000000000000'),
    'a span has no valid ids')
