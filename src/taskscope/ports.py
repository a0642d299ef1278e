"""Default port numbers, all in one place. Everything binds 127.0.0.1 unless told otherwise."""

from typing import Final

LAB: Final = 5275
"""The embedded AWS: one port for every service."""

XRAY: Final = 2000
"""X-Ray: segments over UDP, the sampling proxy over TCP."""
OTLP_GRPC: Final = 4317
OTLP_HTTP: Final = 4318
STATSD: Final = 8125
"""StatsD and DogStatsD over UDP."""
FLUENT: Final = 24224
"""Fluent forward, as FireLens speaks it, over TCP."""
API: Final = 8275
"""The server: console, REST, X-Ray API, Jaeger API; and EventBridge messages sent to it."""
HEALTH: Final = 13133
"""Health and our own metrics, where the OpenTelemetry Collector has them."""

EXPORTER: Final = 9659
"""Container metrics for Prometheus, where ecs-task-metadata-exporter has them."""
MOCK_METADATA: Final = 8912
"""The mock of the task metadata endpoint."""
DISCOVERY: Final = 9660
"""Targets for Prometheus over HTTP (`taskscope discover --output http_sd`)."""
