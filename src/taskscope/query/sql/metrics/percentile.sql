-- Of a gauge: over its points.
SELECT Labels, intDiv(Time, {step:Int64}) AS Step, quantileExactInclusive($share)(Value) AS V
FROM ($points)
GROUP BY Labels, Step
