-- Whose the X-Ray subsegments are that were sent alone, which do not say it themselves: their segment's, found step by step.
WITH RECURSIVE owned AS
(
    SELECT TraceId, SpanId, ServiceName, Resource
    FROM (
        SELECT TraceId, SpanId, ServiceName, Resource, SpanAttributes FROM $spans WHERE $earlier
        UNION ALL
        SELECT TraceId, SpanId, ServiceName, Resource, SpanAttributes FROM ${at}spans_in_progress WHERE $earlier
    )
    WHERE NOT $is_alone AND (TraceId, SpanId) GLOBAL IN (SELECT TraceId, ParentSpanId FROM $spans WHERE $earlier AND $is_alone)
    LIMIT 1 BY TraceId, SpanId
    UNION ALL
    SELECT alone.TraceId, alone.SpanId, owned.ServiceName, owned.Resource
    FROM (SELECT TraceId, SpanId, ParentSpanId FROM $spans WHERE $earlier AND $is_alone) AS alone
    INNER JOIN owned
    ON alone.TraceId = owned.TraceId AND alone.ParentSpanId = owned.SpanId
)
SELECT TraceId, SpanId, ServiceName, Resource, true AS IsKnown FROM owned
