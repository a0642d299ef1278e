"""X-Ray's datagrams and documents."""

from collections.abc import Iterable

from taskscope.model.batch import Signal
from taskscope.pipeline.decode import Contents
from taskscope.spool.frame import Frame
from taskscope.wire.xray.datagram import carries_document, decode_datagram, embedded_otlp
from taskscope.wire.xray.decode import decode_documents


def read_datagram(frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read what came over UDP: a segment document, or OTLP in its envelope."""
    embedded = embedded_otlp(body)
    if embedded is None:
        return [Contents(Signal.SPANS, decode_datagram(body, received_ns=frame.received_ns))]
    from taskscope.pipeline.readers import otlp  # noqa: PLC0415 (Protobuf only for senders that use it)

    signal, request = embedded
    return (otlp.read_traces if signal == Signal.SPANS else otlp.read_metrics)(frame, request)


def has_document(body: bytes) -> bool:
    """Tell whether a datagram carries a segment document, and not OTLP."""
    return carries_document(body)


def read_documents(frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read a list of documents; one that cannot be read does not cost the others."""
    spans, refused = decode_documents(body, received_ns=frame.received_ns)
    return [Contents(Signal.SPANS, spans, [each.reason for each in refused])]
