-- Where a Collector's ClickHouse exporter writes: see writers_otel_traces.sql.
CREATE TABLE IF NOT EXISTS $writers.otel_metrics_summary
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
ENGINE = Null
