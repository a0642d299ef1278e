-- Rows of spans; of X-Ray subsegments that were sent alone with the service and resource of the nearest span above that
-- was not: step by step, at most 100 steps and one span of an id; so spans of one id above one another come to an end.
SELECT one.* REPLACE (
    if($is_alone AND owner.IsKnown, owner.ServiceName, one.ServiceName) AS ServiceName,
    if($is_alone AND owner.IsKnown, owner.Resource, one.Resource) AS Resource)
FROM $rows AS one
LEFT ANY JOIN (
    WITH RECURSIVE owned AS
    (
        SELECT TraceId, SpanId, ServiceName, Resource, 1 AS Step
        FROM $rows
        WHERE NOT $is_alone AND (TraceId, SpanId) GLOBAL IN (SELECT TraceId, ParentSpanId FROM $rows WHERE $is_alone)
        LIMIT 1 BY TraceId, SpanId
        UNION ALL
        SELECT alone.TraceId, alone.SpanId, owned.ServiceName, owned.Resource, owned.Step + 1
        FROM (SELECT TraceId, SpanId, ParentSpanId FROM $rows WHERE $is_alone LIMIT 1 BY TraceId, SpanId) AS alone
        INNER JOIN owned
        ON alone.TraceId = owned.TraceId AND alone.ParentSpanId = owned.SpanId
        WHERE owned.Step <= 100
    )
    SELECT TraceId, SpanId, ServiceName, Resource, true AS IsKnown FROM owned WHERE Step > 1
) AS owner
ON one.TraceId = owner.TraceId AND one.SpanId = owner.SpanId
