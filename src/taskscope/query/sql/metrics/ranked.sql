-- A row for each series that is shown, and how many there are: those with the largest values.
SELECT Labels, groupArray((Step, V)), count() OVER ()
FROM ($values)
WHERE isFinite(V)
GROUP BY Labels
ORDER BY avg(V) DESC, Labels
LIMIT {limit:UInt32}
