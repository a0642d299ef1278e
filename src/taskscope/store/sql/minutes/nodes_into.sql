INSERT INTO ${at}nodes_by_minute
    (Minute, Slot, Slice, Version, Name, Type, IsEntry, Account,
    Ok, Errors, Throttles, Faults, DurationSum, DurationMax, Histogram, Start, End)
SELECT Minute, $slot, $slice, $version, Name, Type, IsEntry, Account,
    Ok, Errors, Throttles, Faults, DurationSum, DurationMax, Histogram, Start, End
FROM ($nodes)
