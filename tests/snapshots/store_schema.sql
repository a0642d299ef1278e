-- One row per span; readers who know the Collector's names ask the view otel_traces.
-- Ids have fixed length, a resource is one JSON text for each sender: 1.2 to 1.35 times the inserts of an 11-entry Map.
-- The index on the hex form is the one that the view's TraceId finds; `TraceId = unhex(...)` finds none.
-- The index on Timestamp prunes what the minute in the sort key hides from a plain BETWEEN.
-- Compact parts and rarer merges: 1.2 times each. Replaced parts go after seconds: docs/adr/0005.
CREATE TABLE IF NOT EXISTS `otel`.spans
(
    Timestamp DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    TraceId FixedString(16),
    SpanId FixedString(8),
    ParentSpanId FixedString(8),
    TraceState String,
    Flags UInt32,
    SpanName LowCardinality(String),
    SpanKind Int32,
    ServiceName LowCardinality(String),
    Resource LowCardinality(String),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName LowCardinality(String),
    ScopeVersion LowCardinality(String),
    ScopeAttributes LowCardinality(String) DEFAULT '{}',
    ScopeSchemaUrl LowCardinality(String),
    SpanAttributes Map(LowCardinality(String), String),
    Duration UInt64,
    StatusCode Int32,
    StatusMessage String,
    `Events.Timestamp` Array(DateTime64(9, 'UTC')),
    `Events.Name` Array(LowCardinality(String)),
    `Events.Attributes` Array(Map(LowCardinality(String), String)),
    `Links.TraceId` Array(FixedString(16)),
    `Links.SpanId` Array(FixedString(8)),
    `Links.TraceState` Array(String),
    `Links.Attributes` Array(Map(LowCardinality(String), String)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1)),
    INDEX trace_id_hex lower(hex(TraceId)) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX time Timestamp TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, toStartOfMinute(Timestamp), Timestamp)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1,
    min_bytes_for_wide_part = 1000000000, merge_selector_base = 12;

-- X-Ray segments that a later document, complete and of the same id, replaces: apart, so that no count sees them twice.
-- The newest one of an id wins; a reader leaves out those whose id is in spans.
CREATE TABLE IF NOT EXISTS `otel`.spans_in_progress
(
    Timestamp DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    TraceId FixedString(16),
    SpanId FixedString(8),
    ParentSpanId FixedString(8),
    TraceState String,
    Flags UInt32,
    SpanName LowCardinality(String),
    SpanKind Int32,
    ServiceName LowCardinality(String),
    Resource LowCardinality(String),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName LowCardinality(String),
    ScopeVersion LowCardinality(String),
    ScopeAttributes LowCardinality(String) DEFAULT '{}',
    ScopeSchemaUrl LowCardinality(String),
    SpanAttributes Map(LowCardinality(String), String),
    Duration UInt64,
    StatusCode Int32,
    StatusMessage String,
    `Events.Timestamp` Array(DateTime64(9, 'UTC')),
    `Events.Name` Array(LowCardinality(String)),
    `Events.Attributes` Array(Map(LowCardinality(String), String)),
    `Links.TraceId` Array(FixedString(16)),
    `Links.SpanId` Array(FixedString(8)),
    `Links.TraceState` Array(String),
    `Links.Attributes` Array(Map(LowCardinality(String), String)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree(IngestedAt)
PARTITION BY toDate(Timestamp)
ORDER BY (TraceId, SpanId)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

-- The spans under the 22 names that the OpenTelemetry Collector's ClickHouse exporter gives them, for Grafana and HyperDX.
-- ResourceAttributes is parsed from JSON for each row, as JSONExtractString would: SQL of ours asks
-- simpleJSONExtractString(Resource, 'key') of spans, which runs once for each distinct resource.
CREATE VIEW IF NOT EXISTS `otel`.otel_traces AS
SELECT
    Timestamp,
    lower(hex(TraceId)) AS TraceId,
    lower(hex(SpanId)) AS SpanId,
    if(ParentSpanId = toFixedString('', 8), '', lower(hex(ParentSpanId))) AS ParentSpanId,
    TraceState,
    SpanName,
    toLowCardinality(transform(SpanKind, [1, 2, 3, 4, 5],
        ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified')) AS SpanKind,
    ServiceName,
    JSONExtract(Resource::String, 'Map(LowCardinality(String), String)') AS ResourceAttributes,
    ScopeName,
    ScopeVersion,
    SpanAttributes,
    Duration,
    toLowCardinality(transform(StatusCode, [1, 2], ['Ok', 'Error'], 'Unset')) AS StatusCode,
    StatusMessage,
    `Events.Timestamp`,
    `Events.Name`,
    `Events.Attributes`,
    arrayMap(each -> lower(hex(each)), `Links.TraceId`) AS `Links.TraceId`,
    arrayMap(each -> lower(hex(each)), `Links.SpanId`) AS `Links.SpanId`,
    `Links.TraceState`,
    `Links.Attributes`
FROM `otel`.spans;

-- Calls, failures and durations of each operation and minute: maps and dashboards read this instead of spans.
-- The digest gives any percentile: quantilesTDigestMerge(0.5, 0.99)(Duration).
CREATE TABLE IF NOT EXISTS `otel`.spans_by_minute
(
    ServiceName LowCardinality(String),
    SpanName LowCardinality(String),
    SpanKind Int32,
    Minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    Calls SimpleAggregateFunction(sum, UInt64),
    Errors SimpleAggregateFunction(sum, UInt64),
    Faults SimpleAggregateFunction(sum, UInt64),
    Throttles SimpleAggregateFunction(sum, UInt64),
    DurationSum SimpleAggregateFunction(sum, UInt64),
    DurationMax SimpleAggregateFunction(max, UInt64),
    Duration AggregateFunction(quantilesTDigest(0.5), UInt64),
    IngestedAt SimpleAggregateFunction(max, DateTime('UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(Minute)
ORDER BY (ServiceName, Minute, SpanName, SpanKind)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

-- X-Ray's sense: an error is the caller's fault (4xx), a throttle an error by rate (429), a fault the callee's (5xx; or, where
-- no HTTP status speaks, a span whose status is error). What an X-Ray document says of itself counts too.
CREATE MATERIALIZED VIEW IF NOT EXISTS `otel`.spans_to_minutes TO `otel`.spans_by_minute AS
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
    FROM `otel`.spans
)
GROUP BY ServiceName, SpanName, SpanKind, Minute;

-- The Collector's table. TimestampTime is what readers made for exporters up to 0.150 filter by; it takes no room.
-- Live tail asks twice a second what came in; stores that were made without the index "came" read the whole column.
-- ObservedTimestamp, Flags (all 32 bits) and Structured (the body is JSON of something else than a string) are ours.
CREATE TABLE IF NOT EXISTS `otel`.otel_logs
(
    Timestamp DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    TraceFlags UInt8,
    SeverityText LowCardinality(String),
    SeverityNumber UInt8,
    ServiceName LowCardinality(String),
    Body String CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    LogAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    EventName String CODEC(ZSTD(1)),
    ObservedTimestamp DateTime64(9, 'UTC') DEFAULT Timestamp CODEC(Delta(8), ZSTD(1)),
    Flags UInt32 DEFAULT TraceFlags,
    Structured Bool DEFAULT false,
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1)),
    TimestampTime DateTime('UTC') ALIAS toDateTime(Timestamp),
    INDEX trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX time Timestamp TYPE minmax GRANULARITY 1,
    INDEX came IngestedAt TYPE minmax GRANULARITY 1,
    INDEX words Body TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, toStartOfMinute(Timestamp), Timestamp)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1,
    min_bytes_for_wide_part = 1000000000, merge_selector_base = 12;

-- The Collector's table. The hash of the attributes keeps the points of a series together at an eighth of the map's key size.
CREATE TABLE IF NOT EXISTS `otel`.otel_metrics_gauge
(
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String),
    ServiceName LowCardinality(String),
    MetricName LowCardinality(String),
    MetricDescription LowCardinality(String),
    MetricUnit LowCardinality(String),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    StartTimeUnix DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    TimeUnix DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Value Float64 CODEC(Gorilla, ZSTD(1)),
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `Exemplars.TimeUnix` Array(DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    `Exemplars.Value` Array(Float64) CODEC(ZSTD(1)),
    `Exemplars.SpanId` Array(String) CODEC(ZSTD(1)),
    `Exemplars.TraceId` Array(String) CODEC(ZSTD(1)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1)),
    INDEX time TimeUnix TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, cityHash64(toString(Attributes)), TimeUnix)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS `otel`.otel_metrics_sum
(
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String),
    ServiceName LowCardinality(String),
    MetricName LowCardinality(String),
    MetricDescription LowCardinality(String),
    MetricUnit LowCardinality(String),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    StartTimeUnix DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    TimeUnix DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Value Float64 CODEC(Gorilla, ZSTD(1)),
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    IsMonotonic Bool CODEC(ZSTD(1)),
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `Exemplars.TimeUnix` Array(DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    `Exemplars.Value` Array(Float64) CODEC(ZSTD(1)),
    `Exemplars.SpanId` Array(String) CODEC(ZSTD(1)),
    `Exemplars.TraceId` Array(String) CODEC(ZSTD(1)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1)),
    INDEX time TimeUnix TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, cityHash64(toString(Attributes)), TimeUnix)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

-- HasMin and HasMax are ours: a sender may leave Min and Max out, and 0 is a value.
CREATE TABLE IF NOT EXISTS `otel`.otel_metrics_histogram
(
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String),
    ServiceName LowCardinality(String),
    MetricName LowCardinality(String),
    MetricDescription LowCardinality(String),
    MetricUnit LowCardinality(String),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    StartTimeUnix DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    TimeUnix DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Count UInt64 CODEC(Delta(8), ZSTD(1)),
    Sum Float64 CODEC(Gorilla, ZSTD(1)),
    BucketCounts Array(UInt64) CODEC(ZSTD(1)),
    ExplicitBounds Array(Float64) CODEC(ZSTD(1)),
    Min Float64 CODEC(ZSTD(1)),
    Max Float64 CODEC(ZSTD(1)),
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `Exemplars.TimeUnix` Array(DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    `Exemplars.Value` Array(Float64) CODEC(ZSTD(1)),
    `Exemplars.SpanId` Array(String) CODEC(ZSTD(1)),
    `Exemplars.TraceId` Array(String) CODEC(ZSTD(1)),
    HasMin Bool DEFAULT true,
    HasMax Bool DEFAULT true,
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1)),
    INDEX time TimeUnix TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, cityHash64(toString(Attributes)), TimeUnix)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

-- HasMin and HasMax are ours: see otel_metrics_histogram.sql.
CREATE TABLE IF NOT EXISTS `otel`.otel_metrics_exponential_histogram
(
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String),
    ServiceName LowCardinality(String),
    MetricName LowCardinality(String),
    MetricDescription LowCardinality(String),
    MetricUnit LowCardinality(String),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    StartTimeUnix DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    TimeUnix DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Count UInt64 CODEC(Delta(8), ZSTD(1)),
    Sum Float64 CODEC(Gorilla, ZSTD(1)),
    Scale Int32 CODEC(ZSTD(1)),
    ZeroCount UInt64 CODEC(ZSTD(1)),
    PositiveOffset Int32 CODEC(ZSTD(1)),
    PositiveBucketCounts Array(UInt64) CODEC(ZSTD(1)),
    NegativeOffset Int32 CODEC(ZSTD(1)),
    NegativeBucketCounts Array(UInt64) CODEC(ZSTD(1)),
    Min Float64 CODEC(ZSTD(1)),
    Max Float64 CODEC(ZSTD(1)),
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `Exemplars.TimeUnix` Array(DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    `Exemplars.Value` Array(Float64) CODEC(ZSTD(1)),
    `Exemplars.SpanId` Array(String) CODEC(ZSTD(1)),
    `Exemplars.TraceId` Array(String) CODEC(ZSTD(1)),
    HasMin Bool DEFAULT true,
    HasMax Bool DEFAULT true,
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1)),
    INDEX time TimeUnix TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, cityHash64(toString(Attributes)), TimeUnix)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS `otel`.otel_metrics_summary
(
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String),
    ServiceName LowCardinality(String),
    MetricName LowCardinality(String),
    MetricDescription LowCardinality(String),
    MetricUnit LowCardinality(String),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    StartTimeUnix DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    TimeUnix DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Count UInt64 CODEC(Delta(8), ZSTD(1)),
    Sum Float64 CODEC(Gorilla, ZSTD(1)),
    `ValueAtQuantiles.Quantile` Array(Float64) CODEC(ZSTD(1)),
    `ValueAtQuantiles.Value` Array(Float64) CODEC(ZSTD(1)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1)),
    INDEX time TimeUnix TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, cityHash64(toString(Attributes)), TimeUnix)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

-- Each version of each task, whoever told of it; Name is its last status, Document all that AWS said.
CREATE TABLE IF NOT EXISTS `otel`.ecs_tasks
(
    Arn String,
    Version UInt64,
    Time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    ClusterArn LowCardinality(String),
    Account LowCardinality(String),
    Region LowCardinality(String),
    EventId String,
    Name LowCardinality(String),
    ServiceArn LowCardinality(String),
    Document String CODEC(ZSTD(3)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree(IngestedAt)
PARTITION BY toYYYYMM(Time)
ORDER BY (Arn, Version)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS `otel`.ecs_services
(
    Arn String,
    Version UInt64,
    Time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    ClusterArn LowCardinality(String),
    Account LowCardinality(String),
    Region LowCardinality(String),
    EventId String,
    Name LowCardinality(String),
    ServiceArn LowCardinality(String),
    Document String CODEC(ZSTD(3)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree(IngestedAt)
PARTITION BY toYYYYMM(Time)
ORDER BY (Arn, Version)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

-- Each line of each service's history; Name is the event's name, EventId ECS's id of the line.
CREATE TABLE IF NOT EXISTS `otel`.ecs_service_events
(
    Arn String,
    Version UInt64,
    Time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    ClusterArn LowCardinality(String),
    Account LowCardinality(String),
    Region LowCardinality(String),
    EventId String,
    Name LowCardinality(String),
    ServiceArn LowCardinality(String),
    Document String CODEC(ZSTD(3)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree(IngestedAt)
PARTITION BY toYYYYMM(Time)
ORDER BY (Arn, EventId, Version)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS `otel`.ecs_deployments
(
    Arn String,
    Version UInt64,
    Time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    ClusterArn LowCardinality(String),
    Account LowCardinality(String),
    Region LowCardinality(String),
    EventId String,
    Name LowCardinality(String),
    ServiceArn LowCardinality(String),
    Document String CODEC(ZSTD(3)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree(IngestedAt)
PARTITION BY toYYYYMM(Time)
ORDER BY (Arn, Version)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS `otel`.ecs_container_instances
(
    Arn String,
    Version UInt64,
    Time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    ClusterArn LowCardinality(String),
    Account LowCardinality(String),
    Region LowCardinality(String),
    EventId String,
    Name LowCardinality(String),
    ServiceArn LowCardinality(String),
    Document String CODEC(ZSTD(3)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree(IngestedAt)
PARTITION BY toYYYYMM(Time)
ORDER BY (Arn, Version)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

-- Export requests as they came; keeps nothing, the view otlp_traces_to_spans makes rows of them.
-- Attributes are raw AnyValue bytes: declared as a Tuple of its members they cost 1.6 times the parse.
CREATE TABLE IF NOT EXISTS `otel_writers`.otlp_traces
(
    resource_spans Array(Tuple(
        resource Tuple(attributes Array(Tuple(key LowCardinality(String), value String))),
        scope_spans Array(Tuple(
            scope Tuple(name String, version String, attributes Array(Tuple(key LowCardinality(String), value String))),
            spans Array(Tuple(
                trace_id String, span_id String, trace_state String, parent_span_id String,
                flags UInt32, name LowCardinality(String), kind Int32, start UInt64, end UInt64,
                attributes Array(Tuple(key LowCardinality(String), value String)),
                events Array(Tuple(
                    time UInt64, name LowCardinality(String),
                    attributes Array(Tuple(key LowCardinality(String), value String)))),
                links Array(Tuple(
                    trace_id String, span_id String, trace_state String,
                    attributes Array(Tuple(key LowCardinality(String), value String)))),
                status Tuple(message String, code Int32))),
            schema_url String)),
        schema_url String))
)
ENGINE = Null;

-- What is one for many rows (resource, service, scope) is made before the spans are unrolled.
-- A span without valid ids fails the insert: its body is then decoded outside, where it can be told which span it is.
-- A service.name that is no string, or none, is unknown_service. A start after 4102444800000000000 is taken for that moment.
CREATE MATERIALIZED VIEW IF NOT EXISTS `otel_writers`.otlp_traces_to_spans TO `otel`.spans AS
WITH arrayMap(v -> multiIf(
    v = '', '',
    startsWith(v, '\n') OR startsWith(v, 'z'),
        substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6)),
    startsWith(v, '\x18'),
        toString(toInt64(arraySum(
            i -> bitShiftLeft(bitAnd(reinterpretAsUInt64(substring(v, 2 + i, 1)), 0x7f), 7 * i),
            range(least(length(v), 11) - 1)))),
    startsWith(v, '\x10'), if(endsWith(v, '\x01'), 'true', 'false'),
    startsWith(v, '!'), replaceRegexpOne(toString(reinterpretAsFloat64(substring(v, 2))), '^(-?[0-9]+)$$', '\\1.0'),
    startsWith(v, ':'),
        base64Encode(substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6))),
    ''), `s.attributes`.value) AS texts
SELECT
    fromUnixTimestamp64Nano(toInt64(least(`s.start`, 4102444800000000000)), 'UTC') AS Timestamp,
    toFixedString(`s.trace_id`, 16) AS TraceId,
    toFixedString(`s.span_id`, 8) AS SpanId,
    toFixedString(if(length(`s.parent_span_id`) = 8, `s.parent_span_id`, ''), 8) AS ParentSpanId,
    `s.trace_state` AS TraceState,
    `s.flags` AS Flags,
    `s.name` AS SpanName,
    `s.kind` AS SpanKind,
    ServiceName,
    Resource,
    ResourceSchemaUrl,
    ScopeName,
    ScopeVersion,
    ScopeAttributes,
    ScopeSchemaUrl,
    mapFromArrays(
        if(`s.end` < `s.start`, arrayPushBack(`s.attributes`.key, 'taskscope.end_before_start'), `s.attributes`.key),
        if(`s.end` < `s.start`, arrayPushBack(texts, 'true'), texts)) AS SpanAttributes,
    if(`s.end` > `s.start`, `s.end` - `s.start`, 0) AS Duration,
    `s.status`.code AS StatusCode,
    `s.status`.message AS StatusMessage,
    arrayMap(ns -> fromUnixTimestamp64Nano(toInt64(least(ns, 4102444800000000000)), 'UTC'), `s.events`.time) AS `Events.Timestamp`,
    `s.events`.name AS `Events.Name`,
    arrayMap(each -> mapFromArrays(each.key, arrayMap(v -> multiIf(
    v = '', '',
    startsWith(v, '\n') OR startsWith(v, 'z'),
        substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6)),
    startsWith(v, '\x18'),
        toString(toInt64(arraySum(
            i -> bitShiftLeft(bitAnd(reinterpretAsUInt64(substring(v, 2 + i, 1)), 0x7f), 7 * i),
            range(least(length(v), 11) - 1)))),
    startsWith(v, '\x10'), if(endsWith(v, '\x01'), 'true', 'false'),
    startsWith(v, '!'), replaceRegexpOne(toString(reinterpretAsFloat64(substring(v, 2))), '^(-?[0-9]+)$$', '\\1.0'),
    startsWith(v, ':'),
        base64Encode(substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6))),
    ''), each.value)), `s.events`.attributes) AS `Events.Attributes`,
    arrayMap(each -> toFixedString(if(length(each) = 16, each, ''), 16), `s.links`.trace_id) AS `Links.TraceId`,
    arrayMap(each -> toFixedString(if(length(each) = 8, each, ''), 8), `s.links`.span_id) AS `Links.SpanId`,
    `s.links`.trace_state AS `Links.TraceState`,
    arrayMap(each -> mapFromArrays(each.key, arrayMap(v -> multiIf(
    v = '', '',
    startsWith(v, '\n') OR startsWith(v, 'z'),
        substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6)),
    startsWith(v, '\x18'),
        toString(toInt64(arraySum(
            i -> bitShiftLeft(bitAnd(reinterpretAsUInt64(substring(v, 2 + i, 1)), 0x7f), 7 * i),
            range(least(length(v), 11) - 1)))),
    startsWith(v, '\x10'), if(endsWith(v, '\x01'), 'true', 'false'),
    startsWith(v, '!'), replaceRegexpOne(toString(reinterpretAsFloat64(substring(v, 2))), '^(-?[0-9]+)$$', '\\1.0'),
    startsWith(v, ':'),
        base64Encode(substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6))),
    ''), each.value)), `s.links`.attributes) AS `Links.Attributes`
FROM
(
    SELECT
        untuple(arrayJoin(`scoped.spans`)) AS s,
        ServiceName,
        Resource,
        ResourceSchemaUrl,
        toLowCardinality(`scoped.scope`.name) AS ScopeName,
        toLowCardinality(`scoped.scope`.version) AS ScopeVersion,
        toLowCardinality(toJSONString(mapFromArrays(
            `scoped.scope`.attributes.key, arrayMap(v -> multiIf(
    v = '', '',
    startsWith(v, '\n') OR startsWith(v, 'z'),
        substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6)),
    startsWith(v, '\x18'),
        toString(toInt64(arraySum(
            i -> bitShiftLeft(bitAnd(reinterpretAsUInt64(substring(v, 2 + i, 1)), 0x7f), 7 * i),
            range(least(length(v), 11) - 1)))),
    startsWith(v, '\x10'), if(endsWith(v, '\x01'), 'true', 'false'),
    startsWith(v, '!'), replaceRegexpOne(toString(reinterpretAsFloat64(substring(v, 2))), '^(-?[0-9]+)$$', '\\1.0'),
    startsWith(v, ':'),
        base64Encode(substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6))),
    ''), `scoped.scope`.attributes.value)))) AS ScopeAttributes,
        toLowCardinality(`scoped.schema_url`) AS ScopeSchemaUrl
    FROM
    (
        SELECT
            untuple(arrayJoin(sent.scope_spans)) AS scoped,
            toLowCardinality(toJSONString(attributes)) AS Resource,
            toLowCardinality(if(named AND attributes['service.name'] != '',
                attributes['service.name'], 'unknown_service')) AS ServiceName,
            toLowCardinality(sent.schema_url) AS ResourceSchemaUrl
        FROM
        (
            SELECT
                sent,
                mapFromArrays(sent.resource.attributes.key, arrayMap(v -> multiIf(
    v = '', '',
    startsWith(v, '\n') OR startsWith(v, 'z'),
        substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6)),
    startsWith(v, '\x18'),
        toString(toInt64(arraySum(
            i -> bitShiftLeft(bitAnd(reinterpretAsUInt64(substring(v, 2 + i, 1)), 0x7f), 7 * i),
            range(least(length(v), 11) - 1)))),
    startsWith(v, '\x10'), if(endsWith(v, '\x01'), 'true', 'false'),
    startsWith(v, '!'), replaceRegexpOne(toString(reinterpretAsFloat64(substring(v, 2))), '^(-?[0-9]+)$$', '\\1.0'),
    startsWith(v, ':'),
        base64Encode(substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6))),
    ''), sent.resource.attributes.value)) AS attributes,
                arrayExists(each -> each.key = 'service.name' AND startsWith(each.value, '\n'), sent.resource.attributes) AS named
            FROM (SELECT arrayJoin(resource_spans) AS sent FROM `otel_writers`.otlp_traces)
        )
    )
)
WHERE NOT throwIf(
    length(`s.trace_id`) != 16 OR length(`s.span_id`) != 8
    OR `s.trace_id` = unhex('00000000000000000000000000000000') OR `s.span_id` = unhex('0000000000000000'),
    'a span has no valid ids');

-- Where a Collector's ClickHouse exporter writes spans (its setting `database` is this database, create_schema false).
CREATE TABLE IF NOT EXISTS `otel_writers`.otel_traces
(
    Timestamp DateTime64(9),
    TraceId String,
    SpanId String,
    ParentSpanId String,
    TraceState String,
    SpanName LowCardinality(String),
    SpanKind LowCardinality(String),
    ServiceName LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String),
    ScopeName String,
    ScopeVersion String,
    SpanAttributes Map(LowCardinality(String), String),
    Duration UInt64,
    StatusCode LowCardinality(String),
    StatusMessage String,
    `Events.Timestamp` Array(DateTime64(9)),
    `Events.Name` Array(LowCardinality(String)),
    `Events.Attributes` Array(Map(LowCardinality(String), String)),
    `Links.TraceId` Array(String),
    `Links.SpanId` Array(String),
    `Links.TraceState` Array(String),
    `Links.Attributes` Array(Map(LowCardinality(String), String))
)
ENGINE = Null;

-- Kind and status are also read in the spelling of exporters before August 2024 (SPAN_KIND_SERVER, STATUS_CODE_ERROR).
CREATE MATERIALIZED VIEW IF NOT EXISTS `otel_writers`.otel_traces_to_spans TO `otel`.spans AS
SELECT
    least(Timestamp, fromUnixTimestamp64Nano(4102444800000000000, 'UTC')) AS Timestamp,
    toFixedString(unhex(TraceId), 16) AS TraceId,
    toFixedString(unhex(SpanId), 8) AS SpanId,
    toFixedString(unhex(ParentSpanId), 8) AS ParentSpanId,
    TraceState,
    SpanName,
    transform(replaceOne(lower(SpanKind), 'span_kind_', ''), ['internal', 'server', 'client', 'producer', 'consumer'],
        [1, 2, 3, 4, 5], 0)::Int32 AS SpanKind,
    ServiceName,
    toLowCardinality(toJSONString(ResourceAttributes)) AS Resource,
    toLowCardinality(ScopeName) AS ScopeName,
    toLowCardinality(ScopeVersion) AS ScopeVersion,
    SpanAttributes,
    Duration,
    transform(replaceOne(lower(StatusCode), 'status_code_', ''), ['ok', 'error'], [1, 2], 0)::Int32 AS StatusCode,
    StatusMessage,
    `Events.Timestamp`,
    `Events.Name`,
    `Events.Attributes`,
    arrayMap(each -> toFixedString(unhex(each), 16), `Links.TraceId`) AS `Links.TraceId`,
    arrayMap(each -> toFixedString(unhex(each), 8), `Links.SpanId`) AS `Links.SpanId`,
    `Links.TraceState`,
    `Links.Attributes`
FROM `otel_writers`.otel_traces;

-- Where a Collector's ClickHouse exporter writes: see writers_otel_traces.sql.
CREATE TABLE IF NOT EXISTS `otel_writers`.otel_logs
(
    Timestamp DateTime64(9),
    TraceId String,
    SpanId String,
    TraceFlags UInt8,
    SeverityText LowCardinality(String),
    SeverityNumber UInt8,
    ServiceName LowCardinality(String),
    Body String,
    ResourceSchemaUrl LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String),
    ScopeSchemaUrl LowCardinality(String),
    ScopeName String,
    ScopeVersion LowCardinality(String),
    ScopeAttributes Map(LowCardinality(String), String),
    LogAttributes Map(LowCardinality(String), String),
    EventName String
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS `otel_writers`.otel_logs_kept TO `otel`.otel_logs AS
SELECT
    least(Timestamp, fromUnixTimestamp64Nano(4102444800000000000, 'UTC')) AS Timestamp,
    TraceId,
    SpanId,
    TraceFlags,
    SeverityText,
    SeverityNumber,
    ServiceName,
    Body,
    ResourceSchemaUrl,
    ResourceAttributes,
    ScopeSchemaUrl,
    ScopeName,
    ScopeVersion,
    ScopeAttributes,
    LogAttributes,
    EventName
FROM `otel_writers`.otel_logs;

-- Where a Collector's ClickHouse exporter writes: see writers_otel_traces.sql.
CREATE TABLE IF NOT EXISTS `otel_writers`.otel_metrics_gauge
(
    ResourceAttributes Map(LowCardinality(String), String),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName String,
    ScopeVersion String,
    ScopeAttributes Map(LowCardinality(String), String),
    ScopeDroppedAttrCount UInt32,
    ScopeSchemaUrl LowCardinality(String),
    ServiceName LowCardinality(String),
    MetricName LowCardinality(String),
    MetricDescription LowCardinality(String),
    MetricUnit LowCardinality(String),
    Attributes Map(LowCardinality(String), String),
    StartTimeUnix DateTime64(9),
    TimeUnix DateTime64(9),
    Flags UInt32,
    Value Float64,
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)),
    `Exemplars.TimeUnix` Array(DateTime64(9)),
    `Exemplars.Value` Array(Float64),
    `Exemplars.SpanId` Array(String),
    `Exemplars.TraceId` Array(String)
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS `otel_writers`.otel_metrics_gauge_kept TO `otel`.otel_metrics_gauge AS
SELECT
    ResourceAttributes,
    ResourceSchemaUrl,
    ScopeName,
    ScopeVersion,
    ScopeAttributes,
    ScopeDroppedAttrCount,
    ScopeSchemaUrl,
    ServiceName,
    MetricName,
    MetricDescription,
    MetricUnit,
    Attributes,
    StartTimeUnix,
    least(TimeUnix, fromUnixTimestamp64Nano(4102444800000000000, 'UTC')) AS TimeUnix,
    Flags,
    Value,
    `Exemplars.FilteredAttributes`,
    `Exemplars.TimeUnix`,
    `Exemplars.Value`,
    `Exemplars.SpanId`,
    `Exemplars.TraceId`
FROM `otel_writers`.otel_metrics_gauge;

-- Where a Collector's ClickHouse exporter writes: see writers_otel_traces.sql.
CREATE TABLE IF NOT EXISTS `otel_writers`.otel_metrics_sum
(
    ResourceAttributes Map(LowCardinality(String), String),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName String,
    ScopeVersion String,
    ScopeAttributes Map(LowCardinality(String), String),
    ScopeDroppedAttrCount UInt32,
    ScopeSchemaUrl LowCardinality(String),
    ServiceName LowCardinality(String),
    MetricName LowCardinality(String),
    MetricDescription LowCardinality(String),
    MetricUnit LowCardinality(String),
    Attributes Map(LowCardinality(String), String),
    StartTimeUnix DateTime64(9),
    TimeUnix DateTime64(9),
    Flags UInt32,
    Value Float64,
    AggregationTemporality Int32,
    IsMonotonic Bool,
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)),
    `Exemplars.TimeUnix` Array(DateTime64(9)),
    `Exemplars.Value` Array(Float64),
    `Exemplars.SpanId` Array(String),
    `Exemplars.TraceId` Array(String)
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS `otel_writers`.otel_metrics_sum_kept TO `otel`.otel_metrics_sum AS
SELECT
    ResourceAttributes,
    ResourceSchemaUrl,
    ScopeName,
    ScopeVersion,
    ScopeAttributes,
    ScopeDroppedAttrCount,
    ScopeSchemaUrl,
    ServiceName,
    MetricName,
    MetricDescription,
    MetricUnit,
    Attributes,
    StartTimeUnix,
    least(TimeUnix, fromUnixTimestamp64Nano(4102444800000000000, 'UTC')) AS TimeUnix,
    Flags,
    Value,
    AggregationTemporality,
    IsMonotonic,
    `Exemplars.FilteredAttributes`,
    `Exemplars.TimeUnix`,
    `Exemplars.Value`,
    `Exemplars.SpanId`,
    `Exemplars.TraceId`
FROM `otel_writers`.otel_metrics_sum;

-- Where a Collector's ClickHouse exporter writes: see writers_otel_traces.sql.
CREATE TABLE IF NOT EXISTS `otel_writers`.otel_metrics_histogram
(
    ResourceAttributes Map(LowCardinality(String), String),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName String,
    ScopeVersion String,
    ScopeAttributes Map(LowCardinality(String), String),
    ScopeDroppedAttrCount UInt32,
    ScopeSchemaUrl LowCardinality(String),
    ServiceName LowCardinality(String),
    MetricName LowCardinality(String),
    MetricDescription LowCardinality(String),
    MetricUnit LowCardinality(String),
    Attributes Map(LowCardinality(String), String),
    StartTimeUnix DateTime64(9),
    TimeUnix DateTime64(9),
    Flags UInt32,
    Count UInt64,
    Sum Float64,
    BucketCounts Array(UInt64),
    ExplicitBounds Array(Float64),
    Min Float64,
    Max Float64,
    AggregationTemporality Int32,
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)),
    `Exemplars.TimeUnix` Array(DateTime64(9)),
    `Exemplars.Value` Array(Float64),
    `Exemplars.SpanId` Array(String),
    `Exemplars.TraceId` Array(String)
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS `otel_writers`.otel_metrics_histogram_kept TO `otel`.otel_metrics_histogram AS
SELECT
    ResourceAttributes,
    ResourceSchemaUrl,
    ScopeName,
    ScopeVersion,
    ScopeAttributes,
    ScopeDroppedAttrCount,
    ScopeSchemaUrl,
    ServiceName,
    MetricName,
    MetricDescription,
    MetricUnit,
    Attributes,
    StartTimeUnix,
    least(TimeUnix, fromUnixTimestamp64Nano(4102444800000000000, 'UTC')) AS TimeUnix,
    Flags,
    Count,
    Sum,
    BucketCounts,
    ExplicitBounds,
    Min,
    Max,
    AggregationTemporality,
    `Exemplars.FilteredAttributes`,
    `Exemplars.TimeUnix`,
    `Exemplars.Value`,
    `Exemplars.SpanId`,
    `Exemplars.TraceId`
FROM `otel_writers`.otel_metrics_histogram;

-- Where a Collector's ClickHouse exporter writes: see writers_otel_traces.sql.
CREATE TABLE IF NOT EXISTS `otel_writers`.otel_metrics_exponential_histogram
(
    ResourceAttributes Map(LowCardinality(String), String),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName String,
    ScopeVersion String,
    ScopeAttributes Map(LowCardinality(String), String),
    ScopeDroppedAttrCount UInt32,
    ScopeSchemaUrl LowCardinality(String),
    ServiceName LowCardinality(String),
    MetricName LowCardinality(String),
    MetricDescription LowCardinality(String),
    MetricUnit LowCardinality(String),
    Attributes Map(LowCardinality(String), String),
    StartTimeUnix DateTime64(9),
    TimeUnix DateTime64(9),
    Flags UInt32,
    Count UInt64,
    Sum Float64,
    Scale Int32,
    ZeroCount UInt64,
    PositiveOffset Int32,
    PositiveBucketCounts Array(UInt64),
    NegativeOffset Int32,
    NegativeBucketCounts Array(UInt64),
    Min Float64,
    Max Float64,
    AggregationTemporality Int32,
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)),
    `Exemplars.TimeUnix` Array(DateTime64(9)),
    `Exemplars.Value` Array(Float64),
    `Exemplars.SpanId` Array(String),
    `Exemplars.TraceId` Array(String)
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS `otel_writers`.otel_metrics_exponential_histogram_kept TO `otel`.otel_metrics_exponential_histogram AS
SELECT
    ResourceAttributes,
    ResourceSchemaUrl,
    ScopeName,
    ScopeVersion,
    ScopeAttributes,
    ScopeDroppedAttrCount,
    ScopeSchemaUrl,
    ServiceName,
    MetricName,
    MetricDescription,
    MetricUnit,
    Attributes,
    StartTimeUnix,
    least(TimeUnix, fromUnixTimestamp64Nano(4102444800000000000, 'UTC')) AS TimeUnix,
    Flags,
    Count,
    Sum,
    Scale,
    ZeroCount,
    PositiveOffset,
    PositiveBucketCounts,
    NegativeOffset,
    NegativeBucketCounts,
    Min,
    Max,
    AggregationTemporality,
    `Exemplars.FilteredAttributes`,
    `Exemplars.TimeUnix`,
    `Exemplars.Value`,
    `Exemplars.SpanId`,
    `Exemplars.TraceId`
FROM `otel_writers`.otel_metrics_exponential_histogram;

-- Where a Collector's ClickHouse exporter writes: see writers_otel_traces.sql.
CREATE TABLE IF NOT EXISTS `otel_writers`.otel_metrics_summary
(
    ResourceAttributes Map(LowCardinality(String), String),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName String,
    ScopeVersion String,
    ScopeAttributes Map(LowCardinality(String), String),
    ScopeDroppedAttrCount UInt32,
    ScopeSchemaUrl LowCardinality(String),
    ServiceName LowCardinality(String),
    MetricName LowCardinality(String),
    MetricDescription LowCardinality(String),
    MetricUnit LowCardinality(String),
    Attributes Map(LowCardinality(String), String),
    StartTimeUnix DateTime64(9),
    TimeUnix DateTime64(9),
    Flags UInt32,
    Count UInt64,
    Sum Float64,
    `ValueAtQuantiles.Quantile` Array(Float64),
    `ValueAtQuantiles.Value` Array(Float64)
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS `otel_writers`.otel_metrics_summary_kept TO `otel`.otel_metrics_summary AS
SELECT
    ResourceAttributes,
    ResourceSchemaUrl,
    ScopeName,
    ScopeVersion,
    ScopeAttributes,
    ScopeDroppedAttrCount,
    ScopeSchemaUrl,
    ServiceName,
    MetricName,
    MetricDescription,
    MetricUnit,
    Attributes,
    StartTimeUnix,
    least(TimeUnix, fromUnixTimestamp64Nano(4102444800000000000, 'UTC')) AS TimeUnix,
    Flags,
    Count,
    Sum,
    `ValueAtQuantiles.Quantile`,
    `ValueAtQuantiles.Value`
FROM `otel_writers`.otel_metrics_summary;

-- Where a Collector's ClickHouse exporter writes: see writers_otel_traces.sql.
CREATE TABLE IF NOT EXISTS `otel_writers`.otel_metrics_exp_histogram
(
    ResourceAttributes Map(LowCardinality(String), String),
    ResourceSchemaUrl LowCardinality(String),
    ScopeName String,
    ScopeVersion String,
    ScopeAttributes Map(LowCardinality(String), String),
    ScopeDroppedAttrCount UInt32,
    ScopeSchemaUrl LowCardinality(String),
    ServiceName LowCardinality(String),
    MetricName LowCardinality(String),
    MetricDescription LowCardinality(String),
    MetricUnit LowCardinality(String),
    Attributes Map(LowCardinality(String), String),
    StartTimeUnix DateTime64(9),
    TimeUnix DateTime64(9),
    Flags UInt32,
    Count UInt64,
    Sum Float64,
    Scale Int32,
    ZeroCount UInt64,
    PositiveOffset Int32,
    PositiveBucketCounts Array(UInt64),
    NegativeOffset Int32,
    NegativeBucketCounts Array(UInt64),
    Min Float64,
    Max Float64,
    AggregationTemporality Int32,
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)),
    `Exemplars.TimeUnix` Array(DateTime64(9)),
    `Exemplars.Value` Array(Float64),
    `Exemplars.SpanId` Array(String),
    `Exemplars.TraceId` Array(String)
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS `otel_writers`.otel_metrics_exp_histogram_to_exponential TO `otel`.otel_metrics_exponential_histogram AS
SELECT
    ResourceAttributes,
    ResourceSchemaUrl,
    ScopeName,
    ScopeVersion,
    ScopeAttributes,
    ScopeDroppedAttrCount,
    ScopeSchemaUrl,
    ServiceName,
    MetricName,
    MetricDescription,
    MetricUnit,
    Attributes,
    StartTimeUnix,
    least(TimeUnix, fromUnixTimestamp64Nano(4102444800000000000, 'UTC')) AS TimeUnix,
    Flags,
    Count,
    Sum,
    Scale,
    ZeroCount,
    PositiveOffset,
    PositiveBucketCounts,
    NegativeOffset,
    NegativeBucketCounts,
    Min,
    Max,
    AggregationTemporality,
    `Exemplars.FilteredAttributes`,
    `Exemplars.TimeUnix`,
    `Exemplars.Value`,
    `Exemplars.SpanId`,
    `Exemplars.TraceId`
FROM `otel_writers`.otel_metrics_exp_histogram;

-- Requests that entered each node, by minute, computed by store/rollups.py of whole minutes: docs/adr/0010.
-- Rows of a minute count only with the newest version that rolled_minutes has of it.
-- A program writes in one slot of its own and then in its other: merges drop what it wrote two versions ago, and never what
-- counts. Histogram: how many took 2^((bucket-1)/16) to 2^(bucket/16) ns.
CREATE TABLE IF NOT EXISTS `otel`.nodes_by_minute
(
    Minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    Slot UInt64,
    Slice UInt16,
    Name LowCardinality(String),
    Type LowCardinality(String),
    Version UInt64,
    IsEntry Bool,
    Account LowCardinality(String),
    Ok UInt64,
    Errors UInt64,
    Throttles UInt64,
    Faults UInt64,
    DurationSum UInt64,
    DurationMax UInt64,
    Histogram Map(UInt16, UInt64),
    Start DateTime64(9, 'UTC'),
    End DateTime64(9, 'UTC'),
    IngestedAt DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, Slot, Slice, Name, Type)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

-- Requests from node to node, by the minute of the caller's span; see nodes_by_minute. Kind: 0 a call, 1 a link.
-- Inferred: the caller alone told of it.
CREATE TABLE IF NOT EXISTS `otel`.edges_by_minute
(
    Minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    Slot UInt64,
    Slice UInt16,
    SourceName LowCardinality(String),
    SourceType LowCardinality(String),
    TargetName LowCardinality(String),
    TargetType LowCardinality(String),
    Kind UInt8,
    Inferred Bool,
    Version UInt64,
    Ok UInt64,
    Errors UInt64,
    Throttles UInt64,
    Faults UInt64,
    DurationSum UInt64,
    DurationMax UInt64,
    Histogram Map(UInt16, UInt64),
    Start DateTime64(9, 'UTC'),
    End DateTime64(9, 'UTC'),
    IngestedAt DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, Slot, Slice, SourceName, SourceType, TargetName, TargetType, Kind, Inferred)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

-- Minutes whose rows in nodes_by_minute and edges_by_minute are complete: written after them, so that half a minute counts
-- for nothing. Calls is what spans_by_minute counted before: once it counts more, the minute is due again.
CREATE TABLE IF NOT EXISTS `otel`.rolled_minutes
(
    Minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    Version UInt64,
    Slot UInt64,
    Calls UInt64,
    ComputedAt DateTime('UTC'),
    IngestedAt DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY Minute
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

-- Which of the console's colours a service has: its place in the order of first sight, kept for good. The earliest row of
-- a name counts.
CREATE TABLE IF NOT EXISTS `otel`.service_colours
(
    ServiceName String,
    Place UInt32,
    SeenAt DateTime64(9, 'UTC') DEFAULT now64(9)
)
ENGINE = MergeTree
ORDER BY (ServiceName, SeenAt)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10;

CREATE TABLE IF NOT EXISTS `otel`.ecs_alarms
(
    Arn String,
    Version UInt64,
    Time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    ClusterArn LowCardinality(String),
    Account LowCardinality(String),
    Region LowCardinality(String),
    EventId String,
    Name LowCardinality(String),
    ServiceArn LowCardinality(String),
    Document String CODEC(ZSTD(3)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree(IngestedAt)
PARTITION BY toYYYYMM(Time)
ORDER BY (Arn, Version)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS `otel`.ecs_clusters
(
    Arn String,
    Version UInt64,
    Time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    ClusterArn LowCardinality(String),
    Account LowCardinality(String),
    Region LowCardinality(String),
    EventId String,
    Name LowCardinality(String),
    ServiceArn LowCardinality(String),
    Document String CODEC(ZSTD(3)),
    IngestedAt DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree(IngestedAt)
PARTITION BY toYYYYMM(Time)
ORDER BY (Arn, Version)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

-- What containers and tasks used, minute by minute, from the metrics that say so: top, lists and dashboards read this instead
-- of points, which are not kept in order of time. Readings are pairs of time (nanoseconds since the epoch) and value, in any
-- order; a minute may be in several rows. A task's own figures have no container; where it has several counters of one kind,
-- Series says which. AWS tells traffic as a rate.
CREATE TABLE IF NOT EXISTS `otel`.usage_by_minute
(
    Minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    ClusterArn LowCardinality(String),
    TaskArn LowCardinality(String),
    Container LowCardinality(String),
    Series LowCardinality(String),
    Source LowCardinality(String),
    Service SimpleAggregateFunction(max, LowCardinality(String)),
    Family SimpleAggregateFunction(max, LowCardinality(String)),
    Revision SimpleAggregateFunction(max, LowCardinality(String)),
    LaunchType SimpleAggregateFunction(max, LowCardinality(String)),
    Zone SimpleAggregateFunction(max, LowCardinality(String)),
    CpuLimit SimpleAggregateFunction(max, Float64) CODEC(ZSTD(1)),
    MemoryLimit SimpleAggregateFunction(max, Float64) CODEC(ZSTD(1)),
    Started SimpleAggregateFunction(max, Int64) CODEC(ZSTD(1)),
    Cpu SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Memory SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Received SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Transmitted SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Read SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Written SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    ReceivedRate SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    TransmittedRate SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Health SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    Restarts SimpleAggregateFunction(groupArrayArray, Array(Tuple(Int64, Float64))) CODEC(ZSTD(1)),
    IngestedAt SimpleAggregateFunction(max, DateTime('UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(Minute)
ORDER BY (Minute, ClusterArn, TaskArn, Container, Series, Source)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10, ttl_only_drop_parts = 1;

-- Names are those of model/container_metrics. Apps may send metrics of these names as well: what is no number, or more than a
-- machine has of anything, is none of a container. A view that fails leaves points in the metrics' table, to come again.
CREATE MATERIALIZED VIEW IF NOT EXISTS `otel`.otel_metrics_gauge_to_usage TO `otel`.usage_by_minute AS
SELECT
    toStartOfMinute(TimeUnix)::DateTime('UTC') AS Minute,
    ResourceAttributes['aws.ecs.cluster.arn'] AS ClusterArn,
    ResourceAttributes['aws.ecs.task.arn'] AS TaskArn,
    ResourceAttributes['container.name'] AS Container,
    '' AS Series,
    ResourceAttributes['taskscope.measured_by'] AS Source,
    max(ResourceAttributes['aws.ecs.service.name']) AS Service,
    max(ResourceAttributes['aws.ecs.task.family']) AS Family,
    max(ResourceAttributes['aws.ecs.task.revision']) AS Revision,
    max(ResourceAttributes['aws.ecs.launchtype']) AS LaunchType,
    max(ResourceAttributes['cloud.availability_zone']) AS Zone,
    maxIf(Value, MetricName IN ('container.cpu.reserved', 'ecs.task.cpu.limit')) AS CpuLimit,
    maxIf(Value, MetricName IN ('container.memory.limit', 'ecs.task.memory.limit')) AS MemoryLimit,
    maxIf(time - toInt64(Value * 1e9), MetricName = 'container.uptime' AND Value < 9e9) AS Started,
    groupArrayIf((time, Value), MetricName IN ('container.cpu.usage', 'ecs.task.cpu.usage')) AS Cpu,
    groupArrayIf((time, Value), MetricName IN ('container.memory.working_set', 'ecs.task.memory.working_set')) AS Memory,
    groupArrayIf((time, Value), is_rate AND Attributes['network.io.direction'] = 'receive') AS ReceivedRate,
    groupArrayIf((time, Value), is_rate AND Attributes['network.io.direction'] = 'transmit') AS TransmittedRate,
    groupArrayIf((time, Value), MetricName = 'container.health') AS Health,
    now() AS IngestedAt
FROM
(
    SELECT
        ResourceAttributes, Attributes, MetricName, TimeUnix, Value, toUnixTimestamp64Nano(TimeUnix) AS time,
        MetricName IN ('container.network.rate', 'ecs.task.network.rate') AS is_rate
    FROM `otel`.otel_metrics_gauge
    WHERE MetricName IN (
        'container.cpu.usage', 'container.cpu.reserved', 'container.memory.working_set', 'container.memory.limit',
        'container.health', 'container.uptime', 'ecs.task.cpu.usage', 'ecs.task.cpu.limit',
        'ecs.task.memory.working_set', 'ecs.task.memory.limit', 'container.network.rate', 'ecs.task.network.rate')
        AND abs(Value) <= exp2(64)
)
WHERE TaskArn != ''
GROUP BY Minute, ClusterArn, TaskArn, Container, Series, Source;

-- Names are those of model/container_metrics; of values, see otel_metrics_gauge_to_usage.
CREATE MATERIALIZED VIEW IF NOT EXISTS `otel`.otel_metrics_sum_to_usage TO `otel`.usage_by_minute AS
SELECT
    toStartOfMinute(TimeUnix)::DateTime('UTC') AS Minute,
    ResourceAttributes['aws.ecs.cluster.arn'] AS ClusterArn,
    ResourceAttributes['aws.ecs.task.arn'] AS TaskArn,
    ResourceAttributes['container.name'] AS Container,
    concat(Attributes['network.interface.name'], ' ', Attributes['container.name']) AS Series,
    ResourceAttributes['taskscope.measured_by'] AS Source,
    max(ResourceAttributes['aws.ecs.service.name']) AS Service,
    max(ResourceAttributes['aws.ecs.task.family']) AS Family,
    max(ResourceAttributes['aws.ecs.task.revision']) AS Revision,
    max(ResourceAttributes['aws.ecs.launchtype']) AS LaunchType,
    max(ResourceAttributes['cloud.availability_zone']) AS Zone,
    groupArrayIf((time, Value), is_network AND Attributes['network.io.direction'] = 'receive') AS Received,
    groupArrayIf((time, Value), is_network AND Attributes['network.io.direction'] = 'transmit') AS Transmitted,
    groupArrayIf((time, Value), is_disk AND Attributes['disk.io.direction'] = 'read') AS Read,
    groupArrayIf((time, Value), is_disk AND Attributes['disk.io.direction'] = 'write') AS Written,
    groupArrayIf((time, Value), MetricName = 'container.restarts') AS Restarts,
    now() AS IngestedAt
FROM
(
    SELECT
        ResourceAttributes, Attributes, MetricName, TimeUnix, Value, toUnixTimestamp64Nano(TimeUnix) AS time,
        MetricName IN ('container.network.io', 'ecs.task.network.io') AS is_network,
        MetricName IN ('container.disk.io', 'ecs.task.disk.io') AS is_disk
    FROM `otel`.otel_metrics_sum
    WHERE MetricName IN (
        'container.network.io', 'ecs.task.network.io', 'container.disk.io', 'ecs.task.disk.io', 'container.restarts')
        AND abs(Value) <= exp2(64)
)
WHERE TaskArn != ''
GROUP BY Minute, ClusterArn, TaskArn, Container, Series, Source;

-- What tells series apart, in whatever order their labels came. Counting the series of all metrics of an hour (2.6 million
-- points) takes 0.2 s of CPU with it, and 2.8 s with the maps that it is made of.
ALTER TABLE `otel`.otel_metrics_gauge ADD COLUMN IF NOT EXISTS Series UInt64 MATERIALIZED cityHash64(
    ScopeName,
    arraySum((k, v) -> cityHash64(k, v), mapKeys(Attributes), mapValues(Attributes)),
    arraySum((k, v) -> cityHash64(k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes))
) CODEC(ZSTD(1));

-- What tells series apart, in whatever order their labels came. Counting the series of all metrics of an hour (2.6 million
-- points) takes 0.2 s of CPU with it, and 2.8 s with the maps that it is made of.
ALTER TABLE `otel`.otel_metrics_sum ADD COLUMN IF NOT EXISTS Series UInt64 MATERIALIZED cityHash64(
    ScopeName,
    arraySum((k, v) -> cityHash64(k, v), mapKeys(Attributes), mapValues(Attributes)),
    arraySum((k, v) -> cityHash64(k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes))
) CODEC(ZSTD(1));

-- What tells series apart, in whatever order their labels came. Counting the series of all metrics of an hour (2.6 million
-- points) takes 0.2 s of CPU with it, and 2.8 s with the maps that it is made of.
ALTER TABLE `otel`.otel_metrics_histogram ADD COLUMN IF NOT EXISTS Series UInt64 MATERIALIZED cityHash64(
    ScopeName,
    arraySum((k, v) -> cityHash64(k, v), mapKeys(Attributes), mapValues(Attributes)),
    arraySum((k, v) -> cityHash64(k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes))
) CODEC(ZSTD(1));

-- What tells series apart, in whatever order their labels came. Counting the series of all metrics of an hour (2.6 million
-- points) takes 0.2 s of CPU with it, and 2.8 s with the maps that it is made of.
ALTER TABLE `otel`.otel_metrics_exponential_histogram ADD COLUMN IF NOT EXISTS Series UInt64 MATERIALIZED cityHash64(
    ScopeName,
    arraySum((k, v) -> cityHash64(k, v), mapKeys(Attributes), mapValues(Attributes)),
    arraySum((k, v) -> cityHash64(k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes))
) CODEC(ZSTD(1));

-- What tells series apart, in whatever order their labels came. Counting the series of all metrics of an hour (2.6 million
-- points) takes 0.2 s of CPU with it, and 2.8 s with the maps that it is made of.
ALTER TABLE `otel`.otel_metrics_summary ADD COLUMN IF NOT EXISTS Series UInt64 MATERIALIZED cityHash64(
    ScopeName,
    arraySum((k, v) -> cityHash64(k, v), mapKeys(Attributes), mapValues(Attributes)),
    arraySum((k, v) -> cityHash64(k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes))
) CODEC(ZSTD(1));
