-- Which of some completed spans are there. The times are those of the spans that are looked for: few granules are read.
SELECT DISTINCT concat(lower(hex(TraceId)), lower(hex(SpanId)))
FROM spans
WHERE lower(hex(TraceId)) IN {traces:Array(String)} AND lower(hex(SpanId)) IN {spans:Array(String)}
    AND Timestamp >= fromUnixTimestamp64Nano({start:Int64}) AND Timestamp <= fromUnixTimestamp64Nano({end:Int64})
