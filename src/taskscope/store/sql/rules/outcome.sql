-- 0 ok, 1 error, 2 throttle, 3 fault
multiIf(
    $http_status BETWEEN 500 AND 599 OR ${s}SpanAttributes['aws.xray.fault'] = 'true', 3,
    $is_throttle, 2,
    $http_status BETWEEN 400 AND 499 OR ${s}SpanAttributes['aws.xray.error'] = 'true', 1,
    ${s}StatusCode = 2, 3,
    0)
