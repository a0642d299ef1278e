-- Spans of the stretch with links, and who sent the spans that the links lead to.
SELECT linking.Minute AS Minute, linking.ServiceName AS ServiceName, linking.Resource AS Resource, linking.Result AS Result,
    linking.Took AS Took, linking.Began AS Began, linked.ServiceName AS LinkedServiceName, linked.Resource AS LinkedResource
FROM
(
    SELECT TraceId, SpanId, ServiceName, Resource
    FROM $spans
    PREWHERE $earlier AND TraceId GLOBAL IN (
        SELECT arrayJoin(`Links.TraceId`) FROM $spans WHERE $stretch AND $chosen AND notEmpty(`Links.TraceId`))
) AS linked
INNER JOIN
(
    SELECT
        TraceId,
        SpanId,
        $minute AS Minute,
        arrayJoin(arrayDistinct(arrayZip(`Links.TraceId`, `Links.SpanId`))) AS Link,
        ServiceName,
        Resource,
        $outcome AS Result,
        Duration AS Took,
        Timestamp AS Began
    FROM $spans
    WHERE $stretch AND $chosen AND notEmpty(`Links.TraceId`)
) AS linking
ON linked.TraceId = linking.Link.1 AND linked.SpanId = linking.Link.2
LIMIT 1 BY linking.TraceId, linking.SpanId, linked.ServiceName, $node_type_of_linked
