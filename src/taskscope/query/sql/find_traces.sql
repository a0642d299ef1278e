-- Traces that begin within a slice of time and are asked for, first those of the greatest value.
-- Rows are looked up twice: which traces may be meant, from the slice alone; then all of their rows near it.
SELECT lower(hex(TraceId)) AS id, toUnixTimestamp64Nano(min(Timestamp)) AS start, toInt64($value) AS value
FROM $rows
GROUP BY TraceId
HAVING start >= {lower:Int64} AND start <= {upper:Int64}
    AND (value < {before:Int64} OR (value = {before:Int64} AND id < {before_id:String}))
    AND ($having)
ORDER BY value DESC, id DESC
LIMIT {count:UInt32}
