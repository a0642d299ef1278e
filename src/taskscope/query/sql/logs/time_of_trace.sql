-- From when to when a trace is known of, by the indexes of ids; what is in progress may go on to the end.
SELECT min(Moment), max(Moment), count()
FROM
(
    SELECT $time AS Moment
    FROM otel_logs
    WHERE TraceId = {trace:String}
        AND Timestamp >= fromUnixTimestamp64Nano({start:Int64}, 'UTC') AND Timestamp < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
    UNION ALL
    SELECT arrayJoin([toUnixTimestamp64Nano(Timestamp), toUnixTimestamp64Nano(Timestamp) + toInt64(Duration)])
    FROM spans
    WHERE lower(hex(TraceId)) = {trace:String}
        AND Timestamp >= fromUnixTimestamp64Nano({start:Int64}, 'UTC') AND Timestamp < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
    UNION ALL
    SELECT arrayJoin([toUnixTimestamp64Nano(Timestamp), {end:Int64}])
    FROM spans_in_progress
    WHERE lower(hex(TraceId)) = {trace:String}
        AND Timestamp >= fromUnixTimestamp64Nano({start:Int64}, 'UTC') AND Timestamp < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
)
