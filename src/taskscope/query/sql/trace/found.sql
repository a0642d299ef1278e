-- Rows of some traces, those in progress with them. The index of spans is on the hexadecimal form.
SELECT *, 0 AS in_progress
FROM spans
WHERE lower(hex(TraceId)) IN {traces:Array(String)}
    AND Timestamp >= fromUnixTimestamp64Nano({start:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end:Int64})
UNION ALL
SELECT *, 1 AS in_progress
FROM spans_in_progress FINAL
WHERE TraceId IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
    AND Timestamp >= fromUnixTimestamp64Nano({start:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end:Int64})
