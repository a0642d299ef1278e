"""Spans to segment documents: what came from X-Ray as it was sent, spans of any other origin translated."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw

from taskscope.model.span import Span
from taskscope.wire.xray import names
from taskscope.wire.xray.document import MAX_DEPTH, Other
from taskscope.wire.xray.restore import is_from_xray, place_alone, place_embedded, restore
from taskscope.wire.xray.translate import translate

_MEMBERS: Final = msgspec.json.Decoder(dict[str, Raw])
_CHILDREN: Final = msgspec.json.Decoder(list[dict[str, Raw]])


class _Node(NamedTuple):
    """A restored row that subsegments may be put into."""

    members: Other
    depth: int


def encode_documents(spans: Iterable[Span]) -> list[bytes]:
    """
    Write spans as segment documents, in their order.

    A subsegment that was sent inside a document goes back into it if the row around it came before (the order in which
    rows are decoded); otherwise it is sent alone. Spans that are not from X-Ray become a document each. A document may
    be larger than X-Ray takes: ``split_document``.
    """
    nodes: dict[tuple[bytes, bytes], _Node] = {}
    documents: list[Other] = []
    for span in spans:
        members = _restored(span)
        if members is None:
            documents.extend(translate(span))
            continue
        around = None
        if span.attributes[names.DOCUMENT] == names.EMBEDDED:
            around = nodes.get((span.trace_id, span.parent_span_id))
        if around is not None and around.depth < MAX_DEPTH:
            members = place_embedded(span, members)
            _put_inside(around.members, members)
            depth = around.depth + 1
        else:
            members = place_alone(span, members)
            documents.append(members)
            depth = 0
        nodes[span.trace_id, span.span_id] = _Node(members, depth)
    return [msgspec.json.encode(document) for document in documents]


def _restored(span: Span) -> Other | None:
    """Restore a row from X-Ray; None for others, and for what only pretends to be one."""
    if not is_from_xray(span):
        return None
    try:
        return restore(span)
    except (ValueError, TypeError, RecursionError):
        return None


def _put_inside(around: Other, members: Other) -> None:
    children = around.get("subsegments")
    if isinstance(children, list):
        children.append(members)
    else:
        around["subsegments"] = [members]


def split_document(document: bytes, *, max_bytes: int) -> list[bytes]:
    """
    Send the subsegments of a document alone where it is larger than ``max_bytes``, and theirs, as far as needed.

    What is too large without subsegments is returned as it is: the first element is the outermost, without them.
    """
    if len(document) <= max_bytes:
        return [document]
    members = _MEMBERS.decode(document)
    nested = members.pop("subsegments", None)
    if nested is None:
        return [document]
    pieces = [msgspec.json.encode(members)]
    for child in _CHILDREN.decode(nested):
        pieces.extend(split_document(_alone(child, members), max_bytes=max_bytes))
    return pieces


def _alone(child: dict[str, Raw], around: dict[str, Raw]) -> bytes:
    whole = {"type": Raw(b'"subsegment"'), "trace_id": around["trace_id"], "parent_id": around["id"]}
    return msgspec.json.encode(child | whole)
