-- The services of those tasks that do not say it themselves: on Fargate the endpoint does not tell.
SELECT Arn AS TaskArn, argMax(multiIf(
    ServiceArn != '', splitByChar('/', ServiceArn)[-1],
    startsWith(JSONExtractString(Document, 'group'), 'service:'), substring(JSONExtractString(Document, 'group'), 9),
    ''), Version) AS Owner
FROM ecs_tasks
WHERE Arn GLOBAL IN
(
    SELECT TaskArn FROM usage_by_minute
    WHERE Minute >= toDateTime({before:UInt32}, 'UTC') AND Minute < toDateTime({end:UInt32}, 'UTC') AND Service = ''
)
GROUP BY Arn
