-- X-Ray's sense: an error is the caller's fault (4xx), a throttle an error by rate (429), a fault the callee's (5xx; or, where
-- no HTTP status speaks, a span whose status is error). What an X-Ray document says of itself counts too.
CREATE MATERIALIZED VIEW IF NOT EXISTS $database.spans_to_minutes TO $database.spans_by_minute AS
SELECT
    ServiceName,
    SpanName,
    SpanKind,
    toStartOfMinute(Timestamp) AS Minute,
    count() AS Calls,
    countIf(error) AS Errors,
    countIf(fault) AS Faults,
    countIf(throttle) AS Throttles,
    sum(took) AS DurationSum,
    max(took) AS DurationMax,
    quantilesTDigestState(0.5)(took) AS Duration,
    now() AS IngestedAt
FROM
(
    SELECT
        ServiceName, SpanName, SpanKind, Timestamp, Duration AS took,
        toUInt16OrZero(if(SpanAttributes['http.response.status_code'] != '', SpanAttributes['http.response.status_code'],
            SpanAttributes['http.status_code'])) AS http_status,
        http_status = 429 OR SpanAttributes['aws.xray.throttle'] = 'true' AS throttle,
        http_status BETWEEN 400 AND 499 OR throttle OR SpanAttributes['aws.xray.error'] = 'true' AS error,
        http_status BETWEEN 500 AND 599 OR SpanAttributes['aws.xray.fault'] = 'true' OR (StatusCode = 2 AND NOT error) AS fault
    FROM $database.spans
)
GROUP BY ServiceName, SpanName, SpanKind, Minute
