-- Where a Collector's ClickHouse exporter writes: see writers_otel_traces.sql.
CREATE TABLE IF NOT EXISTS $writers.otel_metrics_histogram
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
ENGINE = Null
