SELECT arraySort(groupUniqArrayArray(`ValueAtQuantiles.Quantile`))
FROM otel_metrics_summary
WHERE MetricName = {name:String}
    AND TimeUnix >= fromUnixTimestamp64Nano({start:Int64}, 'UTC') AND TimeUnix < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
