-- All spans of a name, of the services of a name, by steps of the stretch; errors are without throttles.
SELECT
    toUnixTimestamp($minute) AS step,
    countIf(Result = 0), countIf(Result = 1), countIf(Result = 2), countIf(Result = 3),
    sum(Duration), quantilesTDigest(0.5, 0.9, 0.99)(Duration)
FROM
(
    SELECT Timestamp, Duration, $outcome AS Result
    FROM $spans
    WHERE ServiceName = {name:String} AND SpanName = {operation:String} AND $stretch
)
GROUP BY step
ORDER BY step
