-- Spans of the stretch that enter a node by themselves.
SELECT
    $minute AS Minute,
    ServiceName,
    Resource,
    NOT $has_parent AS IsRoot,
    $outcome AS Result,
    Duration AS Took,
    Timestamp AS Began
FROM $spans
WHERE $stretch AND $chosen AND $is_entry
