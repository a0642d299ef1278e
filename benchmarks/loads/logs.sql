-- Log lines of twelve services: one in fifty is an error; customers come again and again.
INSERT INTO `$database`.otel_logs (Timestamp, TraceId, SpanId, SeverityText, SeverityNumber, ServiceName, Body,
    ResourceAttributes)
WITH cityHash64(number) AS chance, (number * $hours * 3600) / $all AS second, chance % 12 AS service
SELECT
    fromUnixTimestamp64Nano(toInt64(($start + second) * 1e9)) AS Timestamp,
    lower(hex(cityHash64(number, 1))) || lower(hex(cityHash64(number, 2))) AS TraceId,
    lower(hex(cityHash64(number, 3))) AS SpanId,
    if(chance % 50 = 0, 'ERROR', 'INFO') AS SeverityText,
    if(chance % 50 = 0, 17, 9) AS SeverityNumber,
    concat('shop-', toString(service)) AS ServiceName,
    concat('order ', toString(chance % 1000000), ' of customer u-', toString(intDiv(chance, 13) % 50000),
        if(chance % 50 = 0, ' refused: card declined', ' handled'), ' in ', toString(chance % 900), ' ms') AS Body,
    map('service.name', concat('shop-', toString(service)),
        'aws.log.group.names', concat('["/ecs/shop-', toString(service), '"]')) AS ResourceAttributes
FROM numbers($first, $count)
