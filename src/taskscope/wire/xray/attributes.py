"""The blocks of a segment or subsegment to attributes; what no attribute takes is handed back."""

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import UNSET

from taskscope.model.attributes import AttributeValue
from taskscope.wire.xray import names
from taskscope.wire.xray.document import Annotation, Call, Http, Other, Request

_LOOKS_TYPED: Final = re.compile(r"true|false|-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?").fullmatch
FIRST_TYPED: Final = frozenset("tf-0123456789")
_URL, _USER_AGENT, _CLIENT_IP, _FORWARDED, _TRACED = (
    names.HTTP["request"][member][0] for member in ("url", "user_agent", "client_ip", "x_forwarded_for", "traced")
)
_STATUS, _LENGTH = (names.HTTP["response"][member][0] for member in ("status", "content_length"))
_CALL: Final = names.CALL
_METHOD: Final = names.METHOD
_NO_NAME: Final[tuple[str, Any]] = ("", object)

Bag = dict[str, AttributeValue]


def merge(into: Other, more: Mapping[str, object]) -> None:
    """Merge objects member by member, at every depth; where both are no objects the later one wins."""
    for name, value in more.items():
        present = into.get(name)
        if isinstance(present, dict) and isinstance(value, dict):
            merge(present, value)
        else:
            into[name] = value


def add_members(members: Mapping[str, Any], table: Mapping[str, tuple[str, Any]], attributes: Bag) -> dict[str, Any]:
    """Add what the table names and is of its type; the rest is returned."""
    rest: dict[str, Any] = {}
    for member, value in members.items():
        name, kind = table.get(member, _NO_NAME)
        if type(value) is kind:
            attributes[name] = value
        else:
            rest[member] = value
    return rest


def add_http(http: Http, attributes: Bag) -> Other:
    """Add request and response; an empty one is handed back, as is an empty ``http`` by its caller."""
    rest: Other = {}
    before = len(attributes)
    if (response := http.response) is not UNSET:
        if response.status is not UNSET:
            attributes[_STATUS] = response.status
        if response.content_length is not UNSET:
            attributes[_LENGTH] = response.content_length
        if len(attributes) == before:
            rest["response"] = {}
    if (request := http.request) is not UNSET and not _add_request(request, attributes):
        rest["request"] = {}
    return rest


def _add_request(request: Request, attributes: Bag) -> bool:
    """Add a request, and say whether there was anything to add."""
    before = len(attributes)
    if (method := request.method) is not UNSET:
        attributes[_METHOD] = method
        if not method.isupper():
            attributes[names.METHOD_AS_SENT] = method
            attributes[_METHOD] = method.upper()
    if request.url is not UNSET:
        attributes[_URL] = request.url
    if request.user_agent is not UNSET:
        attributes[_USER_AGENT] = request.user_agent
    if request.client_ip is not UNSET:
        attributes[_CLIENT_IP] = request.client_ip
    if request.x_forwarded_for is not UNSET:
        attributes[_FORWARDED] = request.x_forwarded_for
    if request.traced is not UNSET:
        attributes[_TRACED] = request.traced
    return len(attributes) > before


def add_call(call: Call, attributes: Bag) -> Other:
    """Add what was called in AWS. One table is a list of one; a list of one or none is kept as it was sent."""
    rest = add_members(call, _CALL, attributes)
    if rest or "table_names" in call:
        table = rest.get("table_name")
        several = call.get("table_names")
        if isinstance(several, list) and (table is not None or len(several) <= 1):
            rest["table_names"] = attributes.pop(names.TABLES)
        if isinstance(table, str):
            attributes[names.TABLES] = [rest.pop("table_name")]
    return rest


def annotation_name(key: str) -> str:
    """Name the attribute of an annotation: its own key, or with a prefix where a convention has taken that."""
    return names.ANNOTATION_PREFIX + key if key in names.TAKEN or key.startswith("aws.xray.") else key


def looks_typed(text: str) -> bool:
    """Tell whether a number or a truth value would have this text; 0.05 us for most that would not."""
    return text[:1] in FIRST_TYPED and _LOOKS_TYPED(text) is not None


def add_annotations(annotations: Mapping[str, Annotation], attributes: Bag) -> None:
    """Add annotations under their own keys, and the list of them; a key that a convention has taken gets a prefix."""
    keys = []
    strings = []
    for key, value in annotations.items():
        name = annotation_name(key)
        attributes[name] = value
        keys.append(name)
        if type(value) is str and looks_typed(value):
            strings.append(name)
    attributes[names.ANNOTATIONS] = keys
    if strings:
        attributes[names.ANNOTATION_STRINGS] = strings


def guess_name(sql: Mapping[str, object]) -> str:
    """
    Name a subsegment that has none, as X-Ray names queries: ``database@host``.

    X-Ray's SDK for Python sends the queries of SQLAlchemy without a name.
    """
    url = str(sql.get("url") or "").partition("?")[0]
    _, _, rest = url.partition("://")
    host, _, database = rest.partition("/")
    host = host.rpartition("@")[2].partition(":")[0]
    return f"{database}@{host}" if host and database else database or host or str(sql.get("database_type") or "unknown")
