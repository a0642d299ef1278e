-- Requests that entered the nodes of the stretch, by minute: of spans that enter by themselves, and of those whose parent
-- belongs to another node, which count in their parent's minute.
SELECT
    Minute,
    $node_name AS Name,
    $node_type AS Type,
    max(Root) AS IsEntry,
    max(simpleJSONExtractString(Resource, 'cloud.account.id')) AS Account,
$totals
FROM
(
    SELECT
        Minute, ServiceName, cityHash64(Text) AS Hash, any(Text) AS Resource, max(IsRoot) AS Root,
$figures
    FROM
    (
        SELECT Minute, ServiceName, Resource AS Text, IsRoot, Result, Took, Began
        FROM ($entries)
        UNION ALL
        SELECT parent.Minute, child.ServiceName, child.Resource, false, child.Result, child.Took, child.Began
        FROM ($children) AS child
        INNER JOIN ($senders) AS parent
        ON child.TraceId = parent.TraceId AND child.ParentSpanId = parent.SpanId
        WHERE NOT child.IsEntry AND $elsewhere
    )
    GROUP BY Minute, ServiceName, Hash, Bucket
)
GROUP BY Minute, Name, Type
