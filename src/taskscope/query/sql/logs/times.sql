-- The times of the nearest records: one column, where the hash that orders equal times would read them all.
SELECT $time FROM otel_logs WHERE $where ORDER BY Timestamp $way LIMIT {size:UInt64}
