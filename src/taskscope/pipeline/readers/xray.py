"""X-Ray's datagrams and documents."""

from collections.abc import Iterable

from taskscope.model.batch import Signal
from taskscope.pipeline.decode import Contents
from taskscope.spool.frame import Frame
from taskscope.wire.xray.datagram import decode_datagram, document_in, embedded_otlp
from taskscope.wire.xray.decode import decode_documents


def read_datagram(frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read what came over UDP: a segment document, or OTLP in its envelope."""
    embedded = embedded_otlp(body)
    if embedded is None:
        return [Contents(Signal.SPANS, decode_datagram(body, received_ns=frame.received_ns))]
    from taskscope.pipeline.readers import otlp  # noqa: PLC0415 (Protobuf only for senders that use it)

    signal, request = embedded
    return (otlp.read_traces if signal == Signal.SPANS else otlp.read_metrics)(frame, request)


def as_document(body: bytes) -> bytes | None:
    """Take the document out of a datagram; None if it carries OTLP."""
    return document_in(body)


def read_documents(frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read a list of documents; one that cannot be read does not cost the others."""
    spans, refused = decode_documents(body, received_ns=frame.received_ns)
    return [Contents(Signal.SPANS, spans, [each.reason for each in refused])]
