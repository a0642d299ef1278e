-- Which of some datapoints of one kind are there: a series has one value at one time. query/known.py computes the same.
SELECT DISTINCT lower(hex(MD5(concat(
    toString(ServiceName), '\x00', MetricName, '\x00', toString(toUnixTimestamp64Nano(TimeUnix)), '\x00', ScopeName, '\x00',
    arrayStringConcat(arraySort(arrayMap((k, v) -> concat(k, '\x01', v), mapKeys(Attributes), mapValues(Attributes))), '\x02'),
    '\x00',
    arrayStringConcat(arraySort(arrayMap(
        (k, v) -> concat(k, '\x01', v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes))), '\x02')
)))) AS key
FROM $table
WHERE MetricName IN {names:Array(String)}
    AND TimeUnix >= fromUnixTimestamp64Nano({start:Int64}) AND TimeUnix <= fromUnixTimestamp64Nano({end:Int64})
    AND key IN {keys:Array(String)}
