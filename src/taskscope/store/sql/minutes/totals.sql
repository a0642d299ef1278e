-- Of figures.
    sum(OkCount) AS Ok,
    sum(ErrorCount) AS Errors,
    sum(ThrottleCount) AS Throttles,
    sum(FaultCount) AS Faults,
    sum(TookSum) AS DurationSum,
    max(TookMax) AS DurationMax,
    CAST(sumMap([Bucket], [Count]), 'Map(UInt16, UInt64)') AS Histogram,
    min(Earliest) AS Start,
    max(Latest) AS End
