-- Readings by steps that are shorter than a minute: each minute cut into its steps.
SELECT
    cityHash64(TaskArn, Container, Series, Source) AS Chain, Bucket,
    TaskArn, Container, Source, ClusterArn, Service, CpuLimit, MemoryLimit,
    arrayFilter(p -> intDiv(p.1, $length) = Place, Kept.1) AS Cpu,
    arrayFilter(p -> intDiv(p.1, $length) = Place, Kept.2) AS Memory,
    arrayFilter(p -> intDiv(p.1, $length) = Place, Kept.3) AS Received,
    arrayFilter(p -> intDiv(p.1, $length) = Place, Kept.4) AS Transmitted,
    arrayFilter(p -> intDiv(p.1, $length) = Place, Kept.5) AS Read,
    arrayFilter(p -> intDiv(p.1, $length) = Place, Kept.6) AS Written,
    arrayFilter(p -> intDiv(p.1, $length) = Place, Kept.7) AS ReceivedRate,
    arrayFilter(p -> intDiv(p.1, $length) = Place, Kept.8) AS TransmittedRate
FROM
(
    SELECT
        TaskArn, Container, Series, Source, ClusterArn, Service, CpuLimit, MemoryLimit,
        tuple(Cpu, Memory, Received, Transmitted, Read, Written, ReceivedRate, TransmittedRate) AS Kept,
        arrayJoin(range(toUnixTimestamp(Minute), toUnixTimestamp(Minute) + 60, {step:UInt32})) AS Bucket,
        intDiv(Bucket, {step:UInt32}) AS Place
    FROM usage_by_minute
    WHERE Minute >= toDateTime({before:UInt32}, 'UTC') AND Minute < toDateTime({end:UInt32}, 'UTC') AND $where
)
WHERE Bucket < {end:UInt32}
