-- Readings by minute, as they are kept.
SELECT *, cityHash64(TaskArn, Container, Series, Source) AS Chain, toUnixTimestamp(Minute) AS Bucket
FROM usage_by_minute
WHERE Minute >= toDateTime({before:UInt32}, 'UTC') AND Minute < toDateTime({end:UInt32}, 'UTC') AND $where
