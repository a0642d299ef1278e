"""Links: a segment's pointers to other traces, to span links and back."""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from taskscope.model.ids import SPAN_ID_BYTES, trace_id_from_xray, trace_id_to_xray
from taskscope.model.span import SpanLink
from taskscope.wire.xray.document import Annotation


class _Link(Struct, forbid_unknown_fields=True):
    trace_id: str
    id: str
    attributes: dict[str, Annotation] | UnsetType = UNSET


_LINKS: Final = msgspec.json.Decoder(list[_Link])


def decode_links(text: Raw) -> tuple[list[SpanLink], bool]:
    """
    Read links; whether they say it all, or the text must be kept as well.

    Links that do not read as the reference says are left to the text altogether.
    """
    try:
        sent = _LINKS.decode(text)
        links = [_link(link) for link in sent]
    except ValueError:  # msgspec's errors are such, too
        return [], False
    plain = all(isinstance(value, str) for link in links for value in link.attributes.values())
    return links, plain and bool(links) and encode_links(links) == msgspec.to_builtins(sent)


def _link(link: _Link) -> SpanLink:
    span_id = bytes.fromhex(link.id)
    if len(span_id) != SPAN_ID_BYTES:
        raise ValueError("a link's id is no 16 hexadecimal digits")
    attributes = {} if link.attributes is UNSET else link.attributes
    return SpanLink(trace_id_from_xray(link.trace_id), span_id, "", attributes)


def encode_links(links: Iterable[SpanLink]) -> list[dict[str, object]]:
    """Write links; attributes only where there are some."""
    encoded: list[dict[str, object]] = []
    for link in links:
        entry: dict[str, object] = {"trace_id": trace_id_to_xray(link.trace_id), "id": link.span_id.hex()}
        if link.attributes:
            entry["attributes"] = dict(link.attributes)
        encoded.append(entry)
    return encoded
