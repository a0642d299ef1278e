-- Which of some log records are there.
SELECT DISTINCT LogAttributes['log.record.uid'] AS uid
FROM otel_logs
WHERE uid IN {uids:Array(String)}
    AND Timestamp >= fromUnixTimestamp64Nano({start:Int64}) AND Timestamp <= fromUnixTimestamp64Nano({end:Int64})
