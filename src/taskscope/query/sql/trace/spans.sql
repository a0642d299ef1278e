-- Spans of some traces, by start. Their resources and scopes, which many share, are told apart by hashes here and read
-- by themselves (senders.sql): 100,000 spans would repeat a kilobyte each.
SELECT
    lower(hex(TraceId)),
    lower(hex(SpanId)),
    if(ParentSpanId = toFixedString('', 8), '', lower(hex(ParentSpanId))),
    SpanName::String,
    SpanKind,
    toUnixTimestamp64Nano(Timestamp) AS start,
    Duration,
    SpanAttributes,
    cityHash64(ServiceName, Resource, ResourceSchemaUrl),
    cityHash64(ScopeName, ScopeVersion, ScopeAttributes, ScopeSchemaUrl),
    StatusCode,
    StatusMessage,
    arrayMap(each -> toUnixTimestamp64Nano(each), `Events.Timestamp`),
    `Events.Name`,
    `Events.Attributes`,
    arrayMap(each -> lower(hex(each)), `Links.TraceId`),
    arrayMap(each -> lower(hex(each)), `Links.SpanId`),
    `Links.TraceState`,
    `Links.Attributes`,
    TraceState,
    Flags,
    in_progress
FROM
(
    $found
)
ORDER BY start, SpanId
LIMIT {limit:UInt64}
