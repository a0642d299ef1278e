-- Of each series in each step. What was counted is divided by the time that its points cover, if they cover the step as
-- far as their interval allows; else by the length of the step, since the series began or ended in it.
SELECT Labels, Step, sum(Rate) AS V
FROM
(
    SELECT
        any(Labels) AS Labels, Step,
        greatest(1, least((Step + 1) * {step:Int64}, {now:Int64}) - Step * {step:Int64}) AS Length,
        sum(Gap) AS Covered, max(Gap) AS Longest,
        sum(Increase) * 1e9 / multiIf(
            IsDelta, greatest(Length, Longest),
            Covered > 0 AND Covered + Longest >= Length, Covered,
            Length) AS Rate
    FROM ($pairs)
    GROUP BY Series, IsDelta, Begin, Step
)
GROUP BY Labels, Step
