-- Spans of the stretch and around it whose parent began in the stretch.
SELECT
    TraceId,
    SpanId,
    ParentSpanId,
    ServiceName,
    Resource,
    $is_entry AS IsEntry,
    $outcome AS Result,
    Duration AS Took,
    Timestamp AS Began,
    true AS IsThere
FROM $spans
PREWHERE $around AND $chosen AND $has_parent AND ParentSpanId != SpanId
    AND ParentSpanId GLOBAL IN (SELECT SpanId FROM $spans WHERE $stretch AND $chosen)
WHERE NOT $is_inside
