-- Minutes with how many spans there are of them, and what was computed of them; the newest first.
SELECT
    toUnixTimestamp(counted.Minute), calls, unnamed, rolled.Version, rolled.Slot, toUnixTimestamp(rolled.ComputedAt)
FROM
(
    SELECT Minute, sum(Calls) AS calls, sumIf(Calls, ServiceName = 'unknown_service') AS unnamed
    FROM ${at}spans_by_minute
    WHERE $which
    GROUP BY Minute
) AS counted
LEFT JOIN
(
    SELECT Minute, Version, Slot, Calls, ComputedAt
    FROM ${at}rolled_minutes
    ORDER BY Version DESC, Slot
    LIMIT 1 BY Minute
) AS rolled
ON counted.Minute = rolled.Minute
WHERE $needed
ORDER BY counted.Minute DESC
