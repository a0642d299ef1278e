-- Spans that began in the stretch, as those who call or are followed by others. A call of which X-Ray's SDK says that the
-- callee is traced names nothing by itself: its answer is on the way. Calls are read apart: what is skipped row by row in
-- one SELECT takes six times as long.
SELECT
    $minute AS Minute,
    TraceId,
    SpanId,
    ServiceName,
    Resource,
    true AS Tells,
    if(SpanAttributes['aws.xray.traced'] = 'true', '', $called_name) AS CalledName,
    $called_type AS CalledType,
    $outcome AS Result,
    Duration AS Took,
    Timestamp AS Began
FROM $spans
PREWHERE $stretch AND $chosen AND $is_call
UNION ALL
SELECT
    $minute,
    TraceId,
    SpanId,
    ServiceName,
    Resource,
    $is_inside AS Tells,
    '',
    '',
    if(Tells, $outcome, 0),
    Duration,
    Timestamp
FROM $spans
PREWHERE $stretch AND $chosen AND NOT $is_call
