SELECT DISTINCT lower(hex(TraceId)) AS Trace FROM spans WHERE $where ORDER BY Trace LIMIT {size:UInt64}
