"""Segment documents for tests: recorded ones, hand-made ones, and all kinds that a sender could think of."""

import json
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

from hypothesis import strategies as st

from taskscope.model.attributes import Attributes, attribute_text
from taskscope.model.resource import Resource
from taskscope.model.span import Span
from taskscope.wire.xray.decode import decode_document
from taskscope.wire.xray.encode import encode_documents

NOW = 1_795_151_190_000_000_000
HEADER = b'{"format":"json","version":1}\n'
FIXTURES = Path(__file__).parents[3] / "fixtures" / "xray"
RECORDED = sorted(path for path in FIXTURES.glob("*.bin") if path.name != "adot_T1S.bin")
TRACE = "1-6affd54e-d5c212aacf5dbbf1d3f72814"


def recorded(name: str) -> bytes:
    """Read one datagram, as it was sent."""
    return (FIXTURES / f"{name}.bin").read_bytes()


def segment(**members: object) -> dict[str, Any]:
    """Make a segment of the least that is needed, and ``members``; None leaves a member out."""
    made = {
        "name": "shop-web",
        "id": "3d4bf23559ba39be",
        "trace_id": TRACE,
        "start_time": 1795151182.1450427,
        "end_time": 1795151182.1732194,
    } | members
    return {name: value for name, value in made.items() if value is not None}


def subsegment(number: int = 1, **members: object) -> dict[str, Any]:
    """Make a subsegment of the least that is needed, and ``members``; None leaves a member out."""
    made = {"name": f"step-{number}", "id": f"{number:016x}", "start_time": 1795151182.15, "end_time": 1795151182.16}
    return {name: value for name, value in (made | members).items() if value is not None}


def spans_of(document: object) -> list[Span]:
    """Decode a document that is given as an object."""
    return decode_document(json.dumps(document).encode(), received_ns=NOW)


def given_back(spans: Iterable[Span]) -> list[Any]:
    """Encode spans, and read the documents as objects."""
    return [json.loads(document) for document in encode_documents(spans)]


def as_stored(span: Span) -> Span:
    """Make of a span what a store gives back, which keeps attributes as text."""

    def texts(attributes: Attributes) -> Attributes:
        return {name: attribute_text(value) for name, value in attributes.items()}

    return span._replace(
        attributes=texts(span.attributes),
        resource=Resource(texts(span.resource.attributes)),
        events=[event._replace(attributes=texts(event.attributes)) for event in span.events],
        links=[link._replace(attributes=texts(link.attributes)) for link in span.links],
    )


_TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
_KEYS = st.sampled_from(["a", "é\n", "", "db.user", "aws.xray.fault", "http.request.method", "aws.xray.annotation.x"])
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**80), 2**80),
    st.floats(allow_nan=False, allow_infinity=False),
    _TEXT,
    st.sampled_from(["1", "true", "-0.5", "1e5", "007", " 1", '"quoted"', "null", "[]", "1e999"]),
)
_JSON = st.deferred(
    lambda: st.one_of(
        _SCALARS, st.lists(_SCALARS, max_size=2), st.dictionaries(_KEYS, _SCALARS | st.just({"b": [[]]}), max_size=2)
    )
)
_IDS = st.binary(min_size=8, max_size=8).map(bytes.hex)
_TRACE_IDS = st.binary(min_size=16, max_size=16).map(lambda raw: f"1-{raw.hex()[:8]}-{raw.hex()[8:]}")
TIMES = st.one_of(
    st.integers(0, 9_000_000_000_000_000).map(lambda micros: micros / 1e6),
    st.floats(1e9, 4e9),
    st.integers(11_000_000_000_000_000, 21_000_000_000_000_000).map(lambda tenths: tenths / 10_000_000),
    st.integers(0, 9_000_000_000),
)

Pool: TypeAlias = dict[str, st.SearchStrategy[Any]]


@st.composite
def _some_of(draw: st.DrawFn, pool: Pool, most: int = 4) -> dict[str, Any]:
    """Draw an object of a few known members, most of their type, and sometimes one that is unknown."""
    members: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(sorted(pool)), unique=True, max_size=most)):
        members[name] = draw(pool[name] if draw(st.integers(0, 5)) or name == "end_time" else _JSON)
    if not draw(st.integers(0, 5)):
        members["unknown"] = draw(_JSON)
    return members


_FRAME = st.fixed_dictionaries({"path": _TEXT, "line": st.integers(), "label": _TEXT})
_EXCEPTION = _some_of(
    {
        "id": _IDS,
        "type": _TEXT,
        "message": _TEXT,
        "remote": st.booleans(),
        "truncated": st.integers(),
        "cause": _IDS,
        "stack": st.lists(_FRAME, max_size=2),
    }
)
_CALL: Pool = {
    "operation": _TEXT,
    "table_name": _TEXT,
    "table_names": st.lists(_TEXT, max_size=3),
    "retries": st.integers(0, 9),
    "bucket_name": _TEXT,
    "resource_names": st.lists(_TEXT, max_size=2),
}
_HTTP: Pool = {
    "request": _some_of(
        {"method": st.sampled_from(["GET", "get", ""]), "url": _TEXT, "client_ip": _TEXT, "traced": st.booleans()}
    ),
    "response": _some_of({"status": st.integers(100, 599), "content_length": st.integers(-1, 2**40) | st.just("12")}),
}
_SQL: Pool = {"url": _TEXT, "user": st.none() | _TEXT, "database_type": _TEXT, "sanitized_query": _TEXT}
_LINK = st.fixed_dictionaries(
    {"trace_id": _TRACE_IDS, "id": _IDS}, optional={"attributes": st.dictionaries(_KEYS, _SCALARS, max_size=2)}
)
_COMMON: Pool = {
    "name": _TEXT,
    "end_time": TIMES | st.none() | _TEXT,
    "in_progress": st.booleans(),
    "namespace": st.sampled_from(["aws", "remote", "local"]),
    "error": st.booleans(),
    "fault": st.booleans(),
    "throttle": st.booleans(),
    "user": _TEXT,
    "http": _some_of(_HTTP),
    "sql": _some_of(_SQL),
    "aws": _some_of(_CALL),
    "annotations": st.dictionaries(_KEYS, _SCALARS, max_size=4),
    "metadata": st.dictionaries(_KEYS, _JSON, max_size=3),
    "cause": _IDS | _some_of({"working_directory": _TEXT, "exceptions": st.lists(_EXCEPTION, max_size=2)}),
    "links": st.lists(_LINK, max_size=2),
    "precursor_ids": st.lists(_IDS, max_size=2),
}
_EMBEDDED: Pool = _COMMON | {"trace_id": st.just(TRACE), "parent_id": _IDS, "type": st.just("subsegment")}
_OUTERMOST: Pool = _COMMON | {
    "parent_id": _IDS,
    "origin": st.just("AWS::ECS::Fargate"),
    "resource_arn": _TEXT,
    "service": _some_of({"version": _TEXT, "runtime": _TEXT}),
}


@st.composite
def _nodes(draw: st.DrawFn, pool: Pool, numbers: Iterator[int], depth: int = 0) -> dict[str, Any]:
    """Draw a node with subsegments below, each of another id, as it must be in a trace."""
    node = draw(_some_of(pool, 7)) | {"id": f"{next(numbers):016x}", "start_time": draw(TIMES)}
    if depth and draw(st.booleans()):
        node["parent_id"] = f"{draw(st.integers(1, 3)):016x}"
    if depth < 3 and (children := draw(st.integers(-1, 2))) >= 0:
        node["subsegments"] = [draw(_nodes(_EMBEDDED, numbers, depth + 1)) for _ in range(children)]
    return node


@st.composite
def segments(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a segment."""
    return draw(_nodes(_OUTERMOST, count(1))) | {"trace_id": TRACE}


@st.composite
def subsegments_alone(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a subsegment that is sent alone, perhaps with members that belong to segments."""
    told = {"trace_id": TRACE, "type": "subsegment", "parent_id": "53995c3f42cd8ad8"}
    return draw(_nodes(_OUTERMOST, count(1))) | told
