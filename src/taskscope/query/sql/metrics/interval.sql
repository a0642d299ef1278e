-- How far apart the points of a series are: of a few rows, which lie beside one another.
SELECT quantileExactLow(0.5)(Gap)
FROM
(
    SELECT arrayJoin(arrayPopFront(arrayDifference(arraySort(groupArray(toUnixTimestamp64Nano(TimeUnix)))))) AS Gap
    FROM
    (
        SELECT Series, TimeUnix
        FROM $table
        WHERE MetricName = {name:String}
            AND TimeUnix >= fromUnixTimestamp64Nano({start:Int64}, 'UTC')
            AND TimeUnix < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
        LIMIT 2000
    )
    GROUP BY Series
)
WHERE Gap > 0
