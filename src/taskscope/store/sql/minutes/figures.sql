-- Of requests; Result is what outcome.sql says.
        $bucket AS Bucket,
        count() AS Count,
        countIf(Result = 0) AS OkCount,
        countIf(Result = 1) AS ErrorCount,
        countIf(Result = 2) AS ThrottleCount,
        countIf(Result = 3) AS FaultCount,
        sum(Took) AS TookSum,
        max(Took) AS TookMax,
        min(Began) AS Earliest,
        max(Began + toIntervalNanosecond(Took)) AS Latest
