-- Edges of the stretch, by minute. A call that was answered tells of the callee's node what the caller saw; one that was not
-- leads to what it names. Where no call is told of, the callee's own view counts. A root came from a client.
-- Grouped by senders first: a node's type is read from JSON, which takes as long as all the rest, row by row.
SELECT
    Minute, SourceName, SourceType, TargetName, TargetType, Kind, Inferred,
$totals
FROM
(
    SELECT
        Minute,
        $node_name_of_source AS SourceName,
        if(Way = 'client', 'client', $node_type_of_source) AS SourceType,
        if(Way = 'unanswered', CalledName, $node_name_of_target) AS TargetName,
        if(Way = 'unanswered', CalledType, $node_type_of_target) AS TargetType,
        toUInt8(Way = 'link') AS Kind,
        Way = 'unanswered' AS Inferred,
        Bucket, Count, OkCount, ErrorCount, ThrottleCount, FaultCount, TookSum, TookMax, Earliest, Latest
    FROM
    (
    SELECT
        Minute, Way, CalledName, CalledType,
        SourceServiceName, cityHash64(SourceText) AS SourceHash, any(SourceText) AS SourceResource,
        TargetServiceName, cityHash64(TargetText) AS TargetHash, any(TargetText) AS TargetResource,
$figures
    FROM
    (
        SELECT
            parent.Minute AS Minute,
            if(child.IsThere, 'answered', 'unanswered') AS Way,
            parent.ServiceName AS SourceServiceName,
            parent.Resource AS SourceText,
            child.ServiceName AS TargetServiceName,
            child.Resource AS TargetText,
            if(child.IsThere, '', parent.CalledName) AS CalledName,
            if(child.IsThere, '', parent.CalledType) AS CalledType,
            if(parent.Tells, parent.Result, child.Result) AS Result,
            if(parent.Tells, parent.Took, child.Took) AS Took,
            if(parent.Tells, parent.Began, child.Began) AS Began
        FROM ($children) AS child
        RIGHT JOIN ($parents) AS parent
        ON child.TraceId = parent.TraceId AND child.ParentSpanId = parent.SpanId AND (child.IsEntry OR $elsewhere)
        WHERE child.IsThere OR parent.CalledName != ''
        LIMIT 1 BY parent.TraceId, parent.Tells, if(parent.Tells, parent.SpanId, child.SpanId),
            child.ServiceName, $node_type_of_child
        UNION ALL
        SELECT Minute, 'client', ServiceName, Resource, ServiceName, Resource, '', '', Result, Took, Began
        FROM ($entries)
        WHERE IsRoot
        UNION ALL
        SELECT Minute, 'link', LinkedServiceName, LinkedResource, ServiceName, Resource, '', '', Result, Took, Began
        FROM ($links)
    )
    GROUP BY Minute, Way, CalledName, CalledType, SourceServiceName, SourceHash, TargetServiceName, TargetHash, Bucket
    )
)
GROUP BY Minute, SourceName, SourceType, TargetName, TargetType, Kind, Inferred
