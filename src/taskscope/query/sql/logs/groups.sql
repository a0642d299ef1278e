-- Resources are few: what they mean is read once for each, not for each record.
SELECT
    $groups[1] AS Group, $streams[1] AS Stream, toString(ServiceName), $task AS Task, $container AS Container,
    sum(Lines), min(Oldest), max(Newest) AS Last
FROM
(
    SELECT ServiceName, ResourceAttributes, count() AS Lines, min($time) AS Oldest, max($time) AS Newest
    FROM otel_logs WHERE $where GROUP BY ServiceName, ResourceAttributes
)
GROUP BY Group, Stream, ServiceName, Task, Container
ORDER BY Last DESC, Group, Stream
LIMIT {size:UInt64}
