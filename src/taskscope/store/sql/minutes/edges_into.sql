INSERT INTO ${at}edges_by_minute
    (Minute, Slot, Slice, Version, SourceName, SourceType, TargetName, TargetType, Kind, Inferred,
    Ok, Errors, Throttles, Faults, DurationSum, DurationMax, Histogram, Start, End)
SELECT Minute, $slot, $slice, $version, SourceName, SourceType, TargetName, TargetType, Kind, Inferred,
    Ok, Errors, Throttles, Faults, DurationSum, DurationMax, Histogram, Start, End
FROM ($edges)
