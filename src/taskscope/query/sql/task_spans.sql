-- What a task was asked, and what of its work failed; of too many the failed ones, then the latest.
SELECT
    toUnixTimestamp64Nano(Timestamp) AS Start, Duration, SpanName, $outcome AS Outcome, $http_status,
    lower(hex(TraceId)), StatusMessage, simpleJSONExtractString(Resource, 'container.name'),
    Events.Attributes[indexOf(Events.Name, 'exception')]['exception.type'],
    Events.Attributes[indexOf(Events.Name, 'exception')]['exception.message'],
    count() OVER ()
FROM spans
WHERE Timestamp >= fromUnixTimestamp64Nano({start:Int64}, 'UTC') AND Timestamp < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
    AND (simpleJSONExtractString(Resource, 'aws.ecs.task.arn') = {task:String}
        OR endsWith(simpleJSONExtractString(Resource, 'aws.ecs.task.arn'), concat('/', {task:String})))
    AND ($is_entry OR $outcome > 0)
ORDER BY Outcome > 0 DESC, Start DESC
LIMIT {size:UInt64}
