-- What came to be counted in each step, of all series together.
SELECT Labels, Step, $value AS V
FROM ($pairs)
GROUP BY Labels, Step
