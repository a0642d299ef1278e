-- Traces of which a row within a slice of time may make a match, by the first such row: none of them begins after it.
SELECT lower(hex(TraceId)) AS id, toUnixTimestamp64Nano(min(Timestamp)) AS first
FROM $rows
WHERE $evidence
GROUP BY TraceId
ORDER BY first DESC, id DESC
LIMIT {count:UInt32}
