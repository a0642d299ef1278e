SELECT intDiv($time - {start:Int64}, {step:Int64}) AS Bin, $level AS Level, count()
FROM otel_logs WHERE $where GROUP BY Bin, Level ORDER BY Bin, Level
