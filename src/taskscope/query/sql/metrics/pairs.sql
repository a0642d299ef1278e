-- Points of cumulative series beside the point before them, in order of time, however late they came. P and E are the
-- point and the earlier one: time, what was counted, start, and what else there is of it. Arrays of series take half as
-- long as a window function, which sorts all points at once.
SELECT
    Labels, Series, IsDelta, Begin, P.1 AS Time, E.1 AS Before, P.3 AS Start,
    intDiv(Time - 1, {step:Int64}) AS Step,
    if(IsDelta, if(Start > 0 AND Start < Time, Time - Start, 0), Time - if(Before > 0, Before, Start)) AS Gap,
    IsDelta OR Before = 0 OR $is_reset AS IsAlone,
    if(IsAlone, P.2, P.2 - E.2) AS Increase,
    $differences
FROM
(
    SELECT any(Labels) AS Labels, Series, IsDelta, Begin, arraySort(groupArray($point)) AS Points
    FROM ($points)
    GROUP BY Series, IsDelta, Begin
)
ARRAY JOIN Points AS P, arrayShiftRight(Points, 1) AS E
WHERE Time > {first:Int64} AND (IsDelta OR Before > 0 OR (Start >= {start:Int64} AND Start < Time)) AND $usable
