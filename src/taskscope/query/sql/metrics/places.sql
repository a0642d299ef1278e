-- On how many points labels are: names are few, so that reading them costs little.
SELECT count(), $counts
FROM $table
WHERE MetricName = {name:String}
    AND TimeUnix >= fromUnixTimestamp64Nano({start:Int64}, 'UTC') AND TimeUnix < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
