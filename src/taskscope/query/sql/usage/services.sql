-- ECS services that were there in the window, in the state that was heard of last.
SELECT
    ClusterArn, if(JSONExtractString(Document, 'serviceName') != '', JSONExtractString(Document, 'serviceName'),
        splitByChar('/', Arn)[-1]),
    JSONExtractString(Document, 'status') AS Status,
    JSONExtract(Document, 'desiredCount', 'Nullable(Int64)'), JSONExtract(Document, 'runningCount', 'Nullable(Int64)')
FROM (SELECT * FROM ecs_services ORDER BY Version DESC LIMIT 1 BY Arn)
WHERE $where AND (Status != 'INACTIVE' OR Time >= toDateTime({start:UInt32}, 'UTC'))
