-- Tasks that were there in the window, in the state that was heard of last.
SELECT
    Arn, ClusterArn, Name,
    multiIf(
        ServiceArn != '', splitByChar('/', ServiceArn)[-1],
        startsWith(JSONExtractString(Document, 'group'), 'service:'), substring(JSONExtractString(Document, 'group'), 9),
        ''),
    JSONExtractString(Document, 'startedAt'),
    arrayMap(
        each -> [
            JSONExtractString(each, 'name'), JSONExtractString(each, 'lastStatus'), JSONExtractString(each, 'healthStatus')],
        JSONExtractArrayRaw(Document, 'containers'))
FROM ecs_tasks
WHERE $where AND (Arn, Version) GLOBAL IN
(
    SELECT Arn, max(Version) FROM ecs_tasks
    GROUP BY Arn
    HAVING min(Time) < toDateTime({end:UInt32}, 'UTC')
        AND (argMax(Name, Version) NOT IN ('STOPPED', 'DELETED') OR max(Time) >= toDateTime({start:UInt32}, 'UTC'))
)
LIMIT 1 BY Arn
