"""The codecs of all signals side by side, for what holds of each; and captures of real senders."""

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from taskscope.model.batch import Signal
from taskscope.wire.otlp.json_logs import decode_logs_json
from taskscope.wire.otlp.json_metrics import decode_metrics_json
from taskscope.wire.otlp.json_traces import decode_traces_json
from taskscope.wire.otlp.logs import decode_logs, encode_logs
from taskscope.wire.otlp.metrics import decode_metrics, encode_metrics
from taskscope.wire.otlp.rules import Decoded
from taskscope.wire.otlp.traces import decode_traces, encode_traces

RECEIVED_NS = 1_800_000_000_000_000_000


class Codec(NamedTuple):
    """What reads and writes one signal."""

    signal: Signal
    request: type[Message]
    decode: Callable[[bytes], Decoded[Any]]
    decode_json: Callable[[bytes], Decoded[Any]]
    encode: Callable[[Sequence[Any]], bytes]


TRACES = Codec(Signal.SPANS, ExportTraceServiceRequest, decode_traces, decode_traces_json, encode_traces)
LOGS = Codec(
    Signal.LOGS,
    ExportLogsServiceRequest,
    lambda body: decode_logs(body, received_ns=RECEIVED_NS),
    lambda body: decode_logs_json(body, received_ns=RECEIVED_NS),
    encode_logs,
)
METRICS = Codec(Signal.METRICS, ExportMetricsServiceRequest, decode_metrics, decode_metrics_json, encode_metrics)
CODECS = (TRACES, LOGS, METRICS)


class Capture(NamedTuple):
    """One body as a real exporter sent it, uncompressed."""

    file: str
    codec: Codec
    names: Sequence[str]
    body: bytes

    @property
    def is_json(self) -> bool:
        """Whether the body is OTLP/JSON."""
        return self.file.endswith(".json")

    def decode(self, body: bytes) -> Decoded[Any]:
        """Decode bytes as what this capture is."""
        return self.codec.decode_json(body) if self.is_json else self.codec.decode(body)


_FIXTURES = Path(__file__).parents[3] / "fixtures" / "otlp"
_BY_NAME = {"traces": TRACES, "logs": LOGS, "metrics": METRICS}


def _read(file: str) -> bytes:
    body = (_FIXTURES / file).read_bytes()
    return gzip.decompress(body) if file.endswith(".gz") else body


CAPTURES = [
    Capture(entry["file"], _BY_NAME[entry["signal"]], entry["names"], _read(entry["file"]))
    for entry in json.loads((_FIXTURES / "index.json").read_text())
]


def capture(file: str) -> Capture:
    """Return the capture of that name."""
    return next(each for each in CAPTURES if each.file == file)


def told(rows: Sequence[Any]) -> list[str]:
    """Spell rows out: by these texts resources are equal if they say the same, NaN equals NaN, and 1 is not 1.0."""
    return [repr(row) for row in rows]
