-- Each series has one value in a step, so that those which are sent more often do not weigh more.
SELECT Labels, Step, $across AS V
FROM
(
    SELECT any(Labels) AS Labels, Series, intDiv($moment, {step:Int64}) AS Step, $within
    FROM ($points)
    GROUP BY Series, Step
)
GROUP BY Labels, Step
