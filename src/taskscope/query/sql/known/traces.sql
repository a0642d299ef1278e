-- How many completed spans of some traces there are.
SELECT lower(hex(TraceId)) AS trace, uniqExact(SpanId)
FROM spans
WHERE lower(hex(TraceId)) IN {traces:Array(String)}
    AND Timestamp >= fromUnixTimestamp64Nano({start:Int64}) AND Timestamp <= fromUnixTimestamp64Nano({end:Int64})
GROUP BY trace
