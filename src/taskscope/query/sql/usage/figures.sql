-- What clusters (level 1), services (2), tasks (3) or containers (4) used: CPU, memory, received, transmitted, read, written, in
-- this order in every array, since a plan of six figures side by side takes longer to make than the answer.
-- A bucket is a minute, or a shorter step. There a task's figure is the mean of its readings, or what its counters grew by
-- since the reading before, for each second; that of a service is the sum over its tasks. What is answered adds up to the mean
-- over the buckets of a step. A counter that is lower than before has begun anew. A task's figures are its own, where it
-- has them: containers that share a network have all of its traffic. But its disk I/O is its containers', for what AWS says of
-- the task is a sum, which falls when one of them begins anew.
WITH
rows AS  -- grouped by one number, which takes half the time of names
(
    SELECT
        Chain, Bucket, any(ClusterArn) AS OfCluster, any(TaskArn) AS OfTask, any(Container) AS OfContainer,
        any(Source) AS OfSource, max(Service) AS Named,
        max(CpuLimit) AS CpuMost, max(MemoryLimit) AS MemoryMost,
        [avgArray(Cpu.2), avgArray(Memory.2), avgArray(ReceivedRate.2), avgArray(TransmittedRate.2), nan, nan] AS Means,
        arrayMap(points -> arraySort(points), [groupArrayArray(Received), groupArrayArray(Transmitted),
            groupArrayArray(Read), groupArrayArray(Written)]) AS Counters
    FROM ($readings)
    GROUP BY Chain, Bucket
),
chained AS  -- with the last reading before the bucket
(
    SELECT
        Bucket, OfCluster, OfTask, OfContainer, OfSource, Named, CpuMost, MemoryMost, Means, Changes,
        anyLastIf(Changes[1].2, Changes[1].2.1 > 0) OVER before AS R,
        anyLastIf(Changes[2].2, Changes[2].2.1 > 0) OVER before AS T,
        anyLastIf(Changes[3].2, Changes[3].2.1 > 0) OVER before AS D,
        anyLastIf(Changes[4].2, Changes[4].2.1 > 0) OVER before AS W
    FROM
    (
        SELECT
            * EXCEPT (Counters),
            arrayMap(points -> (points[1], points[-1],
                arraySum((change, value) -> if(change < 0, value, change), arrayDifference(points.2), points.2)),
                Counters) AS Changes
        FROM rows
    )
    WINDOW before AS (PARTITION BY Chain ORDER BY Bucket ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
parts AS
(
    SELECT
        Place, Bucket, any(OfTask) AS TaskArn, if({parts:Bool}, any(OfContainer), '') AS Part,
        any(t.OfCluster) AS OfCluster, max(t.Named) AS Named, max(OfSource) AS Source,
        arrayResize(sumForEachIf(Figures.1, OfContainer = ''), 6) AS OwnHas,
        arrayResize(sumForEachIf(Figures.2, OfContainer = ''), 6) AS Own,
        arrayResize(sumForEachIf(Figures.1, OfContainer != ''), 6) AS PartsHave,
        arrayResize(sumForEachIf(Figures.2, OfContainer != ''), 6) AS OfParts,
        arrayMap(
            (has, own, have, of_parts, number) -> if(if(number <= 4, has > 0, have = 0), own, of_parts),
            OwnHas, Own, PartsHave, OfParts, range(1, 7)) AS Values,
        arrayMap((has, have) -> has + have > 0, OwnHas, PartsHave) AS Present,
        arrayResize([
            if(maxIf(CpuMost, OfContainer = '') > 0, maxIf(CpuMost, OfContainer = ''), sum(CpuMost)),
            if(maxIf(MemoryMost, OfContainer = '') > 0, maxIf(MemoryMost, OfContainer = ''), sum(MemoryMost))], 6) AS Limits
    FROM
    (
        SELECT
            cityHash64(OfTask, if({parts:Bool}, OfContainer, '')) AS Place,
            Bucket, OfCluster, OfTask, OfContainer, OfSource, Named, CpuMost, MemoryMost,
            arrayConcat([(toUInt8(0), 0.), (toUInt8(0), 0.)], arrayMap(
                (change, before, since) -> (
                    change.2.1 > since.1,
                    if(change.2.1 > since.1, 1e9 * (change.3 + if(before.1 > 0,
                        if(change.1.2 < before.2, change.1.2, change.1.2 - before.2), 0)) / (change.2.1 - since.1), 0.)),
                Changes, [R, T, D, W] AS Before,
                arrayMap((change, before) -> if(before.1 > 0, before, change.1), Changes, Before))) AS Rates,
            arrayMap((rate, mean) -> if(isFinite(mean), (toUInt8(1), mean), rate), Rates, Means) AS Figures
        FROM chained
        WHERE Bucket >= {first:UInt32} AND (NOT {parts:Bool} OR OfContainer != '')
    ) AS t
    GROUP BY Place, Bucket
),
owned AS
(
    SELECT
        arrayJoin({levels:Array(UInt8)}) AS Level, OfCluster, TaskArn AS Of, Part, Bucket, Source, Values, Present, Limits,
        if(Named != '', Named, Owner) AS OfService
    FROM parts GLOBAL LEFT JOIN ($owners) AS owners USING (TaskArn)
    WHERE {service:String} = '' OR OfService = {service:String}
)
SELECT
    Level, OfCluster, ServiceName, Task, Part, intDiv(Bucket, {step:UInt32}) * {step:UInt32} AS Step,
    sumForEach(arrayMap(count -> count > 0, Counts)), sumForEach(Totals), sumForEach(Limited), sumForEach(Bounds),
    sumForEach(arrayMap(bound -> bound > 0, Bounds)), uniqExactMerge(Tasks), max(Sources)
FROM
(
    SELECT
        Level, OfCluster, if(Level > 1, OfService, '') AS ServiceName, if(Level > 2, Of, '') AS Task, Part, Bucket,
        uniqExactState(Of) AS Tasks, max(Source) AS Sources,
        sumForEach(Present) AS Counts, sumForEach(Values) AS Totals,
        sumForEach(arrayMap((value, bound) -> if(bound > 0, value, 0), Values, Limits)) AS Limited,
        sumForEach(arrayMap((present, bound) -> if(present, bound, 0), Present, Limits)) AS Bounds
    FROM owned
    GROUP BY Level, OfCluster, ServiceName, Task, Part, Bucket
)
GROUP BY Level, OfCluster, ServiceName, Task, Part, Step
