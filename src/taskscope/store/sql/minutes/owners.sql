-- Whose the X-Ray subsegments are that were sent alone, which do not say it themselves: their segment's, found step by step.
-- At most 100 steps, and one span of an id: spans of one id above one another come to an end.
WITH RECURSIVE owned AS
(
    SELECT TraceId, SpanId, ServiceName, Resource, 1 AS Step
    FROM (
        SELECT TraceId, SpanId, ServiceName, Resource, SpanAttributes FROM $spans WHERE $earlier
        UNION ALL
        SELECT TraceId, SpanId, ServiceName, Resource, SpanAttributes FROM ${at}spans_in_progress WHERE $earlier
    )
    WHERE NOT $is_alone AND (TraceId, SpanId) GLOBAL IN (SELECT TraceId, ParentSpanId FROM $spans WHERE $earlier AND $is_alone)
    LIMIT 1 BY TraceId, SpanId
    UNION ALL
    SELECT alone.TraceId, alone.SpanId, owned.ServiceName, owned.Resource, owned.Step + 1
    FROM (
        SELECT TraceId, SpanId, ParentSpanId FROM $spans WHERE $earlier AND $is_alone LIMIT 1 BY TraceId, SpanId
    ) AS alone
    INNER JOIN owned
    ON alone.TraceId = owned.TraceId AND alone.ParentSpanId = owned.SpanId
    WHERE owned.Step <= 100
)
SELECT TraceId, SpanId, ServiceName, Resource, true AS IsKnown FROM owned ORDER BY Step LIMIT 1 BY TraceId, SpanId
