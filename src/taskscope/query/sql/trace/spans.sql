-- Spans of some traces, the earliest of them, in columns for each sender: one query, and what many spans share is said once.
SELECT
    any(ServiceName)::String,
    any(Resource)::String,
    any(ResourceSchemaUrl)::String,
    any(ScopeName)::String,
    any(ScopeVersion)::String,
    any(ScopeAttributes)::String,
    any(ScopeSchemaUrl)::String,
    groupArray(lower(hex(TraceId))),
    groupArray(lower(hex(SpanId))),
    groupArray(if(ParentSpanId = toFixedString('', 8), '', lower(hex(ParentSpanId)))),
    groupArray(SpanName),
    groupArray(SpanKind),
    groupArray(toUnixTimestamp64Nano(Timestamp)),
    groupArray(Duration),
    groupArray(SpanAttributes),
    groupArray(StatusCode),
    groupArray(StatusMessage),
    groupArray(arrayMap(each -> toUnixTimestamp64Nano(each), `Events.Timestamp`)),
    groupArray(`Events.Name`),
    groupArray(`Events.Attributes`),
    groupArray(arrayMap(each -> lower(hex(each)), `Links.TraceId`)),
    groupArray(arrayMap(each -> lower(hex(each)), `Links.SpanId`)),
    groupArray(`Links.TraceState`),
    groupArray(`Links.Attributes`),
    groupArray(TraceState),
    groupArray(Flags),
    groupArray(in_progress)
FROM
(
    SELECT *
    FROM
    (
        $found
    )
    ORDER BY Timestamp, SpanId
    LIMIT {limit:UInt64}
)
GROUP BY cityHash64(ServiceName, Resource, ResourceSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, ScopeSchemaUrl)
