-- A quantile as each sender computed it. That of all together lies between theirs: the largest is shown.
SELECT Labels, Step, max(Last) AS V
FROM
(
    SELECT any(Labels) AS Labels, intDiv(Time, {step:Int64}) AS Step, argMax(Value, (Time, Value)) AS Last
    FROM ($points)
    WHERE isFinite(Value)
    GROUP BY Series, Step
)
GROUP BY Labels, Step
