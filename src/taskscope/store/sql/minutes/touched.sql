-- Other minutes that spans of the stretch may change, which came in late enough: those of the spans that called them, and
-- those of the spans that link to them, those of X-Ray's subsegments that they say the sender of; and when the last one came in that changes each.
SELECT toUnixTimestamp(Minute), toUnixTimestamp(max(IngestedAt))
FROM
(
    SELECT toStartOfMinute(parent.Timestamp) AS Minute, child.IngestedAt AS IngestedAt
    FROM (
        SELECT Timestamp, TraceId, SpanId, ServiceName, Resource
        FROM $spans
        WHERE $earlier AND NOT ($stretch) AND $mine
    ) AS parent
    INNER JOIN (
        SELECT TraceId, ParentSpanId, ServiceName, Resource, $is_entry AS IsEntry, IngestedAt
        FROM $spans
        PREWHERE $stretch AND $chosen AND $has_parent
        WHERE NOT $is_inside
    ) AS child
    ON child.TraceId = parent.TraceId AND child.ParentSpanId = parent.SpanId
    WHERE child.IsEntry OR $elsewhere
    UNION ALL
    SELECT linking.Minute, linked.IngestedAt
    FROM (
        SELECT toStartOfMinute(Timestamp) AS Minute, arrayJoin(arrayZip(`Links.TraceId`, `Links.SpanId`)) AS Link
        FROM $spans
        WHERE $around AND NOT ($stretch) AND notEmpty(`Links.SpanId`)
    ) AS linking
    INNER JOIN (SELECT TraceId, SpanId, IngestedAt FROM $spans WHERE $stretch AND $chosen) AS linked
    ON linked.TraceId = linking.Link.1 AND linked.SpanId = linking.Link.2
    UNION ALL
    SELECT toStartOfMinute(alone.Timestamp), whole.Arrived
    FROM (SELECT Timestamp, TraceId FROM $spans WHERE $around AND NOT ($stretch) AND $is_alone) AS alone
    INNER JOIN (
        SELECT TraceId, max(IngestedAt) AS Arrived
        FROM $spans
        WHERE $stretch AND $chosen AND SpanAttributes['aws.xray.document'] != ''
        GROUP BY TraceId
    ) AS whole
    ON alone.TraceId = whole.TraceId
)
GROUP BY Minute
