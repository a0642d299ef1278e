-- Points of a metric, as far as the labels let them through; those that say that nothing was measured are none.
SELECT $columns
FROM $table
PREWHERE MetricName = {name:String}
    AND TimeUnix >= fromUnixTimestamp64Nano({start:Int64}, 'UTC') AND TimeUnix < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
WHERE bitAnd(Flags, 1) = 0 AND $where
