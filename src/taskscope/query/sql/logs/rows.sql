SELECT $row FROM otel_logs WHERE $where ORDER BY Timestamp $way, RowHash $way LIMIT {size:UInt64}
