"""Frames: bytes as they were received, with their protocol and time."""

from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """What the body of a frame is. The numbers are on disk: a number is never given another meaning."""

    XRAY_DATAGRAM = 1
    """One UDP datagram of an X-Ray sender: header line, newline, document."""
    XRAY_DOCUMENTS = 2
    """A JSON array of segment documents, each a string, as PutTraceSegments takes them."""
    OTLP_TRACES_PROTOBUF = 10
    OTLP_TRACES_JSON = 11
    OTLP_METRICS_PROTOBUF = 12
    OTLP_METRICS_JSON = 13
    OTLP_LOGS_PROTOBUF = 14
    OTLP_LOGS_JSON = 15
    STATSD_DATAGRAM = 20
    """One datagram of StatsD or DogStatsD lines."""
    FLUENT_MESSAGE = 30
    """One message of the Fluent forward protocol: a MessagePack array of tag, entries and option."""
    AWS_EVENT = 40
    """One EventBridge message in JSON."""
    LOG_EVENTS = 41
    """
    Lines that CloudWatch Logs has: a JSON object of ``events``, with their group and stream, as an import sends them,
    and ``streams``, the attributes of who writes to each.
    """
    PERFORMANCE_EVENTS = 42
    """Container Insights' performance events: a JSON object of the log events' ``messages`` and the ``cluster_arn``."""
    METRIC_DATA = 43
    """CloudWatch's metrics of ECS: a JSON object of GetMetricData's results, with what each was asked for."""
    CONTAINER_STATS = 50
    """One reading of the task metadata endpoint: a JSON object of its answers, ``task`` and ``stats``."""


class Encoding(IntEnum):
    """How the body of a frame is compressed; numbers on disk as well."""

    IDENTITY = 0
    GZIP = 1
    ZSTD = 2


class Frame(NamedTuple):
    """Bytes as received: compressed ones stay compressed, nothing is looked into."""

    kind: int
    """Of ``Kind``; a number that this version does not know is kept."""
    received_ns: int
    body: bytes
    encoding: int = Encoding.IDENTITY
    """Of ``Encoding``."""
    sender: str = ""
    """The address of the sender without its port; at most 255 bytes."""
