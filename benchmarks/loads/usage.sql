-- Readings every ten seconds of tasks with four containers each, of one cluster, five tasks a service. $points is an array of
-- (name, attributes, value); with $own those of the tasks, else of their containers.
INSERT INTO `$database`.$table (ResourceAttributes, ServiceName, MetricName, Attributes, StartTimeUnix, TimeUnix, $columns)
WITH
    intDiv(number, $tasks * $parts) AS tick, number % ($tasks * $parts) AS place,
    intDiv(place, $parts) AS task, place % $parts AS part, concat('svc', toString(intDiv(task, 5))) AS service
SELECT
    mapConcat(
        map('service.name', service, 'aws.ecs.service.name', service, 'cloud.provider', 'aws', 'cloud.region', 'eu-west-1',
            'cloud.availability_zone', 'eu-west-1a', 'cloud.account.id', '123456789012', 'aws.ecs.launchtype', 'fargate',
            'aws.ecs.cluster.arn', 'arn:aws:ecs:eu-west-1:123456789012:cluster/prod',
            'aws.ecs.task.arn', concat('arn:aws:ecs:eu-west-1:123456789012:task/prod/', lower(hex(MD5(toString(task))))),
            'aws.ecs.task.family', service, 'aws.ecs.task.revision', '7'),
        if($own, map(), map('container.name', concat('app', toString(part)), 'container.id', toString(place)))),
    service, point.1, point.2,
    fromUnixTimestamp64Nano(toInt64($start * 1000000000)),
    fromUnixTimestamp64Nano(toInt64(($start + 10 * tick) * 1000000000)),
    $values
FROM numbers($first, $count)
ARRAY JOIN $points AS point
