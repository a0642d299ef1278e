"""Traces in the forms of others: X-Ray's segment documents and OTLP's JSON."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from taskscope.model.ids import SPAN_ID_BYTES, trace_id_to_xray
from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span
from taskscope.query.trace.calls import inferred_nodes
from taskscope.query.trace.tree import Tree, link
from taskscope.wire.otlp.json_spans import traces_document
from taskscope.wire.xray.encode import encode_documents

_OF_CALLS: Final = ("name", "start_time", "end_time", "in_progress", "error", "fault", "throttle", "http", "aws", "sql")
"""What a call tells of its callee."""


class SegmentDocument(NamedTuple):
    """A document, and what it says of itself."""

    id: str
    trace_id: str
    """In X-Ray's spelling."""
    text: str


def segment_documents(spans: Iterable[Span], *, inferred: bool = False) -> list[SegmentDocument]:
    """
    Write one or more traces as segment documents, parents before children.

    What X-Ray's senders sent is given back whole, subsegments inside their segments by start; other spans become a
    document each. ``inferred`` adds a segment for each call of what sent none, as X-Ray's BatchGetTraces does.
    """
    tree = link(spans)
    documents = [_document(text) for text in encode_documents(tree.spans)]
    if inferred:
        documents += _inferred(tree)
    return documents


def otlp_document(spans: Iterable[Span]) -> dict[str, Any]:
    """Write traces as an OTLP export request in JSON; attributes out of the store are texts."""
    return traces_document(link(spans).spans)


def _document(text: bytes) -> SegmentDocument:
    members = json.loads(text)
    return SegmentDocument(str(members["id"]), str(members["trace_id"]), text.decode())


def _inferred(tree: Tree) -> Iterator[SegmentDocument]:
    for span, called in zip(tree.spans, inferred_nodes(tree), strict=True):
        if called is not None:
            yield _callee(span, called)


def _callee(span: Span, called: NodeKey) -> SegmentDocument:
    """Make the segment that a callee would have sent, of what its caller knows."""
    [text, *_] = encode_documents([span])
    told = json.loads(text)
    own_id = hashlib.sha256(b"inferred" + span.span_id).digest()[:SPAN_ID_BYTES].hex()
    trace_id = trace_id_to_xray(span.trace_id)
    members = {
        "id": own_id,
        "trace_id": trace_id,
        "parent_id": span.span_id.hex(),
        **{name: told[name] for name in _OF_CALLS if name in told},
        "inferred": True,
        "origin": called.type,
    }
    return SegmentDocument(own_id, trace_id, json.dumps(members, ensure_ascii=False, separators=(",", ":")))
