-- Edges of computed minutes, without those that are answered live.
SELECT Minute, SourceName, SourceType, TargetName, TargetType, Kind, Inferred,
    Ok, Errors, Throttles, Faults, DurationSum, DurationMax, Histogram, Start, End
FROM ${at}edges_by_minute
WHERE $minutes AND (Minute, Version, Slot) GLOBAL IN ($newest)
