-- On how many points labels are, and on how many resources of points: names are few, so that they are read in no time.
SELECT count(), $counts
FROM $table
WHERE MetricName = {name:String}
    AND TimeUnix >= fromUnixTimestamp64Nano({start:Int64}, 'UTC') AND TimeUnix < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
