-- Tasks that we measure, and whose own rows say all that their containers' do: with limits, and disk I/O by container. Then the
-- containers' need not be read for sums, which takes a seventh less time.
SELECT TaskArn
FROM usage_by_minute
WHERE Minute >= toDateTime({before:UInt32}, 'UTC') AND Minute < toDateTime({end:UInt32}, 'UTC')
    AND Container = '' AND Source = '' AND $where
GROUP BY TaskArn
HAVING max(CpuLimit) > 0 AND max(MemoryLimit) > 0 AND countIf(notEmpty(Read) AND Series != ' ') > 0
