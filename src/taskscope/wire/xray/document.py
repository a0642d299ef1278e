"""The shape of segment documents, for a typed decoder that refuses what it does not know, so that nothing is lost."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, TypeAlias

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

Int64: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""What an attribute may hold; a larger number is kept as text."""
Scalar: TypeAlias = str | Int64 | bool
Annotation: TypeAlias = str | Int64 | float | bool
Call: TypeAlias = dict[str, str | Int64 | bool | list[str]]
"""The ``aws`` block of a subsegment: what was called, with parameters that each SDK chooses."""
Other: TypeAlias = dict[str, object]
"""Members that no field has a place for, as the JSON text that was sent, nested as they were."""

MAX_DEPTH: Final = 100
"""Levels of subsegments. Python's own stack ends at about 500 in the decoder; no known sender nests beyond ten."""


class Request(Struct, forbid_unknown_fields=True, gc=False):
    """``http.request``."""

    method: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    user_agent: str | UnsetType = UNSET
    client_ip: str | UnsetType = UNSET
    x_forwarded_for: bool | UnsetType = UNSET
    traced: bool | UnsetType = UNSET


class Response(Struct, forbid_unknown_fields=True, gc=False):
    """``http.response``."""

    status: Int64 | UnsetType = UNSET
    content_length: Int64 | UnsetType = UNSET


class Http(Struct, forbid_unknown_fields=True, gc=False):
    """``http``. Reading structs costs a third of walking dicts: 0.16 us against 0.4."""

    request: Request | UnsetType = UNSET
    response: Response | UnsetType = UNSET


class Node(Struct, forbid_unknown_fields=True, gc=False):
    """What segments and subsegments share. A member of another type than here is left to the lenient decoder."""

    id: str
    start_time: float
    name: str | UnsetType = UNSET
    end_time: float | UnsetType = UNSET
    in_progress: bool | UnsetType = UNSET
    trace_id: str | UnsetType = UNSET
    parent_id: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    namespace: str | UnsetType = UNSET
    error: bool | UnsetType = UNSET
    fault: bool | UnsetType = UNSET
    throttle: bool | UnsetType = UNSET
    user: str | UnsetType = UNSET
    http: Http | UnsetType = UNSET
    sql: dict[str, Scalar | None] | UnsetType = UNSET
    annotations: dict[str, Annotation] | UnsetType = UNSET
    metadata: dict[str, Raw] | UnsetType = UNSET
    cause: Raw | UnsetType = UNSET
    links: Raw | UnsetType = UNSET
    precursor_ids: Raw | UnsetType = UNSET
    subsegments: "list[Subsegment] | UnsetType" = UNSET

    other: ClassVar[Mapping[str, object]] = {}
    """A class variable, so that no document can fill it; the lenient decoder's classes make a field of it."""


class Subsegment(Node, forbid_unknown_fields=True, gc=False):
    """A subsegment inside a document."""

    aws: Call | UnsetType = UNSET


class Document(Node, forbid_unknown_fields=True, gc=False):
    """A document's outermost object: a segment, or a subsegment sent alone."""

    aws: Raw | UnsetType = UNSET
    """Of a segment: where it ran, the same in every document of a sender, so it is parsed once for each text."""
    service: Raw | UnsetType = UNSET
    origin: str | UnsetType = UNSET
    resource_arn: str | UnsetType = UNSET


class LenientSubsegment(Subsegment, gc=False, kw_only=True):
    """A subsegment with members that its fields have no place for."""

    other: Other = {}  # type: ignore[misc]  # the base's class variable is this subclass's field


class LenientDocument(Document, gc=False, kw_only=True):
    """A document with members that its fields have no place for."""

    other: Other = {}  # type: ignore[misc]  # the base's class variable is this subclass's field
