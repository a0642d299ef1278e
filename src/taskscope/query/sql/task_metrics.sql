-- The containers of a task, with their readings of CPUs and of bytes of memory: pairs of time and value, in order. Where the
-- endpoint was read, not what Container Insights says as well.
SELECT
    Container, toFloat64(max(CpuLimit)), toFloat64(max(MemoryLimit)),
    arraySort(arrayFilter(each -> each.1 >= {start:Int64} AND each.1 < {end:Int64}, groupArrayArray(Cpu))),
    arraySort(arrayFilter(each -> each.1 >= {start:Int64} AND each.1 < {end:Int64}, groupArrayArray(Memory)))
FROM usage_by_minute
WHERE Minute >= toDateTime({first:UInt32}, 'UTC') AND Minute <= toDateTime({last:UInt32}, 'UTC') AND Container != ''
    AND (TaskArn = {task:String} OR endsWith(TaskArn, concat('/', {task:String})))
GROUP BY Container, Source
ORDER BY Container, Source
LIMIT 1 BY Container
