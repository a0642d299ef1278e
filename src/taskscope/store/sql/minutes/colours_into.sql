-- Names that are new take the places after those that there are.
INSERT INTO ${at}service_colours (ServiceName, Place)
SELECT ServiceName, (SELECT uniqExact(ServiceName) FROM ${at}service_colours) + rowNumberInAllBlocks()
FROM
(
    SELECT ServiceName
    FROM ${at}spans_by_minute
    WHERE IngestedAt >= toDateTime($since, 'UTC')
        AND ServiceName::String GLOBAL NOT IN (SELECT ServiceName FROM ${at}service_colours)
    GROUP BY ServiceName
    ORDER BY min(Minute), ServiceName
)
