-- The last readings of each container and task, with the last two of each counter.
SELECT
    TaskArn, Container, Series, Source, any(ClusterArn), max(Service), max(Family), max(Revision), max(LaunchType), max(Zone),
    max(CpuLimit), max(MemoryLimit), max(Started),
    arraySort(groupArrayArray(Cpu)), arraySort(groupArrayArray(Memory)),
    arraySlice(arraySort(groupArrayArray(Received)), -2), arraySlice(arraySort(groupArrayArray(Transmitted)), -2),
    arraySlice(arraySort(groupArrayArray(Read)), -2), arraySlice(arraySort(groupArrayArray(Written)), -2),
    arraySlice(arraySort(groupArrayArray(Health)), -1), arraySlice(arraySort(groupArrayArray(Restarts)), -1),
    arraySlice(arraySort(groupArrayArray(ReceivedRate)), -1), arraySlice(arraySort(groupArrayArray(TransmittedRate)), -1)
FROM usage_by_minute
WHERE Minute >= toDateTime({before:UInt32}, 'UTC') AND Minute < toDateTime({end:UInt32}, 'UTC') AND $where
GROUP BY TaskArn, Container, Series, Source
