"""The parts that there are, as an explicit list: named as text, so that a process loads those that it runs."""

from typing import Final

ROLES: Final = {
    "otlp": "taskscope.app.roles.otlp:OtlpRole",
    "xray-tcp": "taskscope.app.roles.xray_tcp:XrayTcpRole",
    "fluent": "taskscope.app.roles.fluent:FluentRole",
    "event-queue": "taskscope.app.roles.event_queue:EventQueueRole",
    "consumers": "taskscope.app.roles.consumers:ConsumersRole",
    "store": "taskscope.app.roles.store:StoreRole",
}
"""What a process can be, beside ``datagrams``, which needs no event loop."""

SINKS: Final = {
    "xray": "taskscope.sinks.xray.sink:XRaySink",
    "cloudwatch-logs": "taskscope.sinks.cloudwatch.logs:CloudWatchLogsSink",
    "emf": "taskscope.sinks.cloudwatch.emf:EmfSink",
    "otlp": "taskscope.sinks.otlp.sink:OtlpSink",
}
"""What ``--to`` can name; made with the settings of the same name in ``TARGETS``."""

SETTINGS: Final = (
    ("", "taskscope.app.settings.config:ServerConfig"),
    ("otlp", "taskscope.receivers.otlp.config:OtlpConfig"),
    ("xray", "taskscope.receivers.xray.config:XrayConfig"),
    ("statsd", "taskscope.receivers.statsd.config:StatsdConfig"),
    ("aggregation", "taskscope.pipeline.aggregate.config:AggregateConfig"),
    ("fluent", "taskscope.receivers.fluent.config:FluentConfig"),
    ("events", "taskscope.receivers.events.config:EventsConfig"),
    ("sampling", "taskscope.pipeline.sample:SamplingConfig"),
)
"""Every class of settings, by its section of the file; ``collect`` knows those of ``CollectorConfig`` only."""

TARGETS: Final = (
    ("xray", "taskscope.sinks.xray.config:XRaySinkConfig"),
    ("cloudwatch-logs", "taskscope.sinks.cloudwatch.config:LogsSinkConfig"),
    ("emf", "taskscope.sinks.cloudwatch.config:EmfSinkConfig"),
    ("otlp", "taskscope.sinks.otlp.config:OtlpSinkConfig"),
)
"""The options of each sink, as ``--to SINK,OPTION=VALUE`` writes them."""
