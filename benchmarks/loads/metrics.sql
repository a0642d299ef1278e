-- Points of series that are told every ten seconds: so many metrics, each of so many series, of twelve services with
-- twenty tasks each. $columns and $values are those of the kind.
INSERT INTO `$database`.$table (ResourceAttributes, ServiceName, MetricName, MetricDescription, MetricUnit, Attributes,
    StartTimeUnix, TimeUnix, $columns)
WITH
    intDiv(number, $metrics * $series) AS tick, number % ($metrics * $series) AS place,
    place % $series AS one, one % 12 AS service, service * 20 + intDiv(one, 12) % 20 AS task
SELECT
    map('service.name', concat('shop-', toString(service)), 'service.instance.id', concat('i-', toString(task)),
        'telemetry.sdk.name', 'opentelemetry', 'telemetry.sdk.language', 'python', 'telemetry.sdk.version', '1.38.0',
        'aws.ecs.task.arn', concat('arn:aws:ecs:eu-west-1:123456789012:task/prod/', lower(hex(MD5(toString(task))))),
        'aws.ecs.container.name', 'app', 'aws.ecs.cluster.name', 'prod', 'cloud.region', 'eu-west-1',
        'cloud.availability_zone', 'eu-west-1a'),
    concat('shop-', toString(service)), concat('$name.', toString(intDiv(place, $series))), 'What is measured', '1',
    map('http.route', concat('/r/', toString(intDiv(one, 240))), 'http.request.method', 'GET',
        'http.response.status_code', toString(200 + one % 5)),
    fromUnixTimestamp64Nano(toInt64($start * 1000000000)),
    fromUnixTimestamp64Nano(toInt64(($start + 10 * (tick + 1)) * 1000000000)),
    $values
FROM numbers($first, $count)
