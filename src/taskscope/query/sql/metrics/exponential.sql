-- Counts of buckets in each step, apart for each scale. What a point has over the one before it is added with the one's
-- own scale and taken away with the other's: brought to a common scale, that is the difference.
SELECT Labels, groupArray((Step, Scale, Zeros, Positive.1, Positive.2, Negative.1, Negative.2)), count() OVER ()
FROM
(
    SELECT
        Labels, Step, Part.1.1 AS Scale, sum(Part.1.2 * Part.2) AS Zeros,
        sumMap(arrayMap(i -> Part.1.3 + i - 1, arrayEnumerate(Part.1.4)), arrayMap(n -> n * Part.2, Part.1.4)) AS Positive,
        sumMap(arrayMap(i -> Part.1.5 + i - 1, arrayEnumerate(Part.1.6)), arrayMap(n -> n * Part.2, Part.1.6)) AS Negative,
        sum(if(Part.2 > 0, Increase, 0)) AS Observations
    FROM ($pairs)
    ARRAY JOIN if(IsAlone, [Current], [Current, Earlier]) AS Part
    GROUP BY Labels, Step, Scale
)
GROUP BY Labels
HAVING sum(Observations) > 0
ORDER BY sum(Observations) DESC, Labels
LIMIT {limit:UInt32}
