-- Traces of six spans: an order, a table, a call to another service, which asks a database and renders.
INSERT INTO `$database`.spans (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, Resource,
    ScopeAttributes, SpanAttributes, Duration, StatusCode)
WITH
    intDiv(number, 6) AS n,
    number % 6 AS at,
    cityHash64(n) AS chance,
    (n * $hours * 3600) / $traces AS second,
    chance % 12 AS first,
    (chance + 1) % 12 AS other,
    intDiv(chance, 1000) % 100 = 0 AS fails,
    5000000 + intDiv(chance, 7) % 400000000 AS took,
    [first, first, first, other, other, other][at + 1] AS service,
    ['api', 'api', 'api', 'web', 'web', 'web'][at + 1] AS container
SELECT
    fromUnixTimestamp64Nano(toInt64(($start + second) * 1e9) + at * 1000000) AS Timestamp,
    unhex(concat(hex(toUInt32($start + second)), hex(cityHash64(n, 1)), hex(toUInt32(n)))) AS TraceId,
    unhex(leftPad(hex(n * 6 + at + 1), 16, '0')) AS SpanId,
    unhex(leftPad(hex(if(at = 0, 0, n * 6 + [0, 1, 1, 3, 4, 4][at + 1])), 16, '0')) AS ParentSpanId,
    ['POST /orders', 'PutItem', 'POST', 'POST /charge', 'SELECT', 'render'][at + 1] AS SpanName,
    [2, 3, 3, 2, 3, 1][at + 1] AS SpanKind,
    concat('shop-', toString(service)) AS ServiceName,
    concat('{"service.name":"shop-', toString(service), '","cloud.provider":"aws","cloud.platform":"aws_ecs",',
        '"aws.ecs.launchtype":"fargate","container.name":"', container, '",',
        '"aws.ecs.task.arn":"arn:aws:ecs:eu-west-1:123456789012:task/shop/', toString(service * 8 + n % 8), '"}') AS Resource,
    '{}' AS ScopeAttributes,
    CAST(multiIf(
        at IN (0, 3), map('http.request.method', 'POST', 'url.full', concat('https://shop.test/orders/', toString(chance % 500)),
            'http.response.status_code', if(fails, '502', '200'), 'enduser.id', concat('u-', toString(chance % 50000)),
            'tenant', concat('t-', toString(chance % 2000)), 'aws.xray.annotations', '["tenant"]'),
        at = 1, map('rpc.system', 'aws-api', 'rpc.service', 'DynamoDB', 'rpc.method', 'PutItem',
            'aws.dynamodb.table_names', '["orders"]', 'http.response.status_code', '200'),
        at = 2, map('http.request.method', 'POST', 'server.address', concat('shop-', toString(other)),
            'http.response.status_code', if(fails, '502', '200')),
        at = 4, map('db.system', 'postgresql', 'db.namespace', 'orders', 'server.address', 'db.shop',
            'db.query.text', 'SELECT 1'),
        map('thread.name', concat('worker-', toString(chance % 16)))), 'Map(LowCardinality(String), String)') AS SpanAttributes,
    toUInt64(took / (at + 1)) AS Duration,
    if(fails AND at IN (0, 2, 3), 2, 0) AS StatusCode
FROM numbers($first, $count)
