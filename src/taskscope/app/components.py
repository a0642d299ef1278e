"""The parts that there are, as an explicit list: named as text, so that a process loads those that it runs."""

from typing import Final

ROLES: Final = {
    "otlp": "taskscope.app.roles.otlp:OtlpRole",
    "xray-tcp": "taskscope.app.roles.xray_tcp:XrayTcpRole",
    "fluent": "taskscope.app.roles.fluent:FluentRole",
    "event-queue": "taskscope.app.roles.event_queue:EventQueueRole",
    "watch": "taskscope.app.roles.watch:WatchRole",
    "container-stats": "taskscope.app.roles.container_stats:ContainerStatsRole",
    "consumers": "taskscope.app.roles.consumers:ConsumersRole",
    "store": "taskscope.app.roles.store:StoreRole",
}
"""What a process can be, beside ``datagrams``, which needs no event loop."""

SINKS: Final = {
    "xray": "taskscope.sinks.xray.sink:XRaySink",
    "cloudwatch-logs": "taskscope.sinks.cloudwatch.logs:CloudWatchLogsSink",
    "emf": "taskscope.sinks.cloudwatch.emf:EmfSink",
    "container-insights": "taskscope.sinks.cloudwatch.insights:InsightsSink",
    "otlp": "taskscope.sinks.otlp.sink:OtlpSink",
}
"""What ``--to`` can name; made with the settings of the same name in ``TARGETS``."""

WINDOWS: Final = {"container-insights": 60.0}
"""Sinks that are given what came within so many seconds at once: theirs is an event a minute, whatever is in it."""

SETTINGS: Final = (
    ("", "taskscope.app.settings.config:ServerConfig"),
    ("otlp", "taskscope.receivers.otlp.config:OtlpConfig"),
    ("xray", "taskscope.receivers.xray.config:XrayConfig"),
    ("statsd", "taskscope.receivers.statsd.config:StatsdConfig"),
    ("aggregation", "taskscope.pipeline.aggregate.config:AggregateConfig"),
    ("fluent", "taskscope.receivers.fluent.config:FluentConfig"),
    ("events", "taskscope.receivers.events.config:EventsConfig"),
    ("sampling", "taskscope.pipeline.sample:SamplingConfig"),
    ("container_stats", "taskscope.sources.container_stats.config:ContainerStatsConfig"),
)
"""Every class of settings, by its section of the file; ``collect`` knows those of ``CollectorConfig`` only."""

TARGETS: Final = (
    ("xray", "taskscope.sinks.xray.config:XRaySinkConfig"),
    ("cloudwatch-logs", "taskscope.sinks.cloudwatch.config:LogsSinkConfig"),
    ("emf", "taskscope.sinks.cloudwatch.config:EmfSinkConfig"),
    ("container-insights", "taskscope.sinks.cloudwatch.config:InsightsSinkConfig"),
    ("otlp", "taskscope.sinks.otlp.config:OtlpSinkConfig"),
)
"""The options of each sink, as ``--to SINK,OPTION=VALUE`` writes them."""
