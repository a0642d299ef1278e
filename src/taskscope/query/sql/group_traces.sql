-- Traces that begin in a window and are asked for, by a value of theirs: the commonest ones each, the others in one row.
-- Percentiles are exact: the engine's plain quantile is of a sample.
WITH traces AS (
    SELECT $root AS root, $values AS values, root.1 AS outcome, toInt64(root.2) AS response
    FROM $rows
    GROUP BY TraceId
    HAVING toUnixTimestamp64Nano(min(Timestamp)) >= {lower:Int64} AND toUnixTimestamp64Nano(min(Timestamp)) <= {upper:Int64}
        AND ($having)
),
valued AS (
    SELECT arrayJoin(arrayZip(if(empty(values), [''], values), arrayEnumerate(if(empty(values), [''], values)))) AS pair,
        pair.1 AS value, outcome, response
    FROM traces
),
grouped AS (
    SELECT value, count() AS traces, countIf(pair.2 = 1) AS firsts,
        countIf(outcome = 0) AS ok, countIf(outcome = 1) AS errors, countIf(outcome = 2) AS throttles,
        countIf(outcome = 3) AS faults, sum(response) AS total, quantilesExactLowState(0.5, 0.9, 0.99)(response) AS percentiles
    FROM valued GROUP BY value
),
ranked AS (
    SELECT *, row_number() OVER (ORDER BY traces DESC, value) AS place, sum(firsts) OVER () AS all_traces FROM grouped
)
SELECT
    least(place, {limit:UInt32} + 1) AS nth,
    any(value), sum(traces), sum(traces) / any(all_traces), sum(ok), sum(errors), sum(throttles), sum(faults),
    toInt64(intDiv(sum(total), sum(traces))),
    arrayMap(each -> toInt64(each), quantilesExactLowMerge(0.5, 0.9, 0.99)(percentiles))
FROM ranked GROUP BY nth ORDER BY nth
