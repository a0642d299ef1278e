-- How many series metrics have.
SELECT '$kind', toString(MetricName), uniq(Series)
FROM $table
WHERE TimeUnix >= fromUnixTimestamp64Nano({start:Int64}, 'UTC') AND TimeUnix < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
    AND MetricName IN {names:Array(String)} AND $where
GROUP BY MetricName
