-- Alarms that concern a cluster, or a service of it, in the state that was heard of last.
SELECT Arn, ClusterArn, if(ServiceArn = '', '', splitByChar('/', ServiceArn)[-1]), Name, toUnixTimestamp64Nano(Time), Document
FROM (SELECT * FROM ecs_alarms ORDER BY Version DESC LIMIT 1 BY Arn)
WHERE ClusterArn != '' AND Name != 'DELETED'
ORDER BY Arn
