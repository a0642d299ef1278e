-- Values of labels, those that most series have first.
SELECT Label, arrayMap(x -> x.2, arraySlice(arraySort(groupArray((-Series, Value))), 1, {values:UInt32})), count()
FROM
(
    SELECT Pair.1 AS Label, Pair.2 AS Value, toInt64(count()) AS Series
    FROM
    (
        SELECT arrayJoin(arrayConcat(
            arrayZip(Own, OwnValues),
            arrayFilter(x -> NOT has(Own, x.1), arrayZip(Of, OfValues)),
            if(has(Own, 'service') OR has(Of, 'service'), [], [('service', Service)])
        )) AS Pair
        FROM ($sets)
    )
    WHERE {label:String} = '' OR Label = {label:String}
    GROUP BY Label, Value
)
GROUP BY Label
ORDER BY Label
