-- Nodes of computed minutes, without those that are answered live.
SELECT Minute, Name, Type, IsEntry, Account, Ok, Errors, Throttles, Faults, DurationSum, DurationMax, Histogram, Start, End
FROM ${at}nodes_by_minute
WHERE $minutes AND (Minute, Version, Slot) GLOBAL IN ($newest)
