-- Traces that had a span under way at a place during a stretch of time.
SELECT DISTINCT lower(hex(TraceId)) AS Trace
FROM spans
WHERE Timestamp >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND Timestamp < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
    AND toUnixTimestamp64Nano(Timestamp) + Duration >= {start:Int64}
    AND $where
ORDER BY Trace
LIMIT {size:UInt64}
