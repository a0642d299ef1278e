SELECT uniqExact(TraceId, SpanId)
FROM
(
    $found
)
