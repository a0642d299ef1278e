-- A trace in a row, what is said of its root as a tuple, and whether it is one that is asked for.
SELECT
    lower(hex(TraceId)) AS id,
    toUnixTimestamp64Nano(min(Timestamp)) AS start,
    $duration AS duration,
    $root AS root,
    count() AS spans,
    [countIf(Outcome = 0), countIf(Outcome = 1), countIf(Outcome = 2), countIf(Outcome = 3)] AS outcomes,
    arrayDistinct(arrayMap(each -> each.3, arraySort(groupArrayIf((Timestamp, SpanId, (NodeName, NodeType)), NOT IsInside)))) AS nodes,
    arrayDistinct(arrayMap(each -> each.3, arraySort(groupArrayIf((Timestamp, SpanId, (User, $sender)), User != '')))) AS users,
    arraySort(groupUniqArrayArray(200)(arrayMap(
        name -> (replaceRegexpOne(name, '^aws\\.xray\\.annotation\\.', ''), SpanAttributes[name], $sender),
        arrayFilter(name -> mapContains(SpanAttributes, name), JSONExtract(SpanAttributes['aws.xray.annotations'], 'Array(String)'))))) AS annotations,
    max(InProgress) AS is_partial,
    root.11 AND NOT has(groupUniqArray(SpanId), $root_parent) AS is_orphan,
    arraySort(groupUniqArrayIf(20)($arn, $arn != '')) AS arns,
    arraySort(groupUniqArrayIf(20)($instance, $instance != '')) AS instances,
    arraySort(groupUniqArrayIf(20)($zone, $zone != '')) AS zones
FROM $rows
GROUP BY TraceId
HAVING $having
