-- Counts of buckets in each step, apart for each set of bounds: what they become is computed of few rows.
SELECT Labels, groupArray((Step, Bounds, Counts)), count() OVER ()
FROM
(
    SELECT Labels, Step, Bounds, sumForEach(Buckets) AS Counts, sum(Increase) AS Observations
    FROM ($pairs)
    GROUP BY Labels, Step, Bounds
)
GROUP BY Labels
HAVING sum(Observations) > 0
ORDER BY sum(Observations) DESC, Labels
LIMIT {limit:UInt32}
