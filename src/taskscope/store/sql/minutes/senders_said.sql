-- Spans that began in the stretch, as those who are followed by others.
SELECT $minute AS Minute, TraceId, SpanId, ServiceName, Resource
FROM $spans
WHERE $stretch AND $chosen
