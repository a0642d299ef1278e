-- The labels of each series: its points' own hide those of its resource.
SELECT
    Series,
    any(Attributes.keys) AS Own, any(Attributes.values) AS OwnValues,
    any(ResourceAttributes.keys) AS Of, any(ResourceAttributes.values) AS OfValues,
    toString(any(ServiceName)) AS Service
FROM $table
WHERE MetricName = {name:String}
    AND TimeUnix >= fromUnixTimestamp64Nano({start:Int64}, 'UTC') AND TimeUnix < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
    AND $where
GROUP BY Series
