-- IngestedAt is in seconds: how many records came in each, and what time it is where that is said.
SELECT toUnixTimestamp(IngestedAt) AS Second, count(), toUnixTimestamp(now())
FROM otel_logs WHERE $where GROUP BY Second
UNION ALL
SELECT 0, 0, toUnixTimestamp(now())
