-- Times first, and alone: with them the engine would read the bodies of the whole slice for what a text has to hold.
SELECT $row FROM otel_logs PREWHERE $moments WHERE $where ORDER BY Timestamp $way, RowHash $way LIMIT {size:UInt64}
