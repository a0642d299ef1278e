"""The blocks of a usual row: each adds the texts of its attributes to those of all rows, and returns their keys."""

from functools import lru_cache
from typing import Final

from msgspec import UNSET

from taskscope.model.attributes import attribute_text
from taskscope.wire.xray import names
from taskscope.wire.xray.attributes import FIRST_TYPED, Bag, add_call, annotation_name, looks_typed
from taskscope.wire.xray.document import Annotation, Call, Http, Node, Other, Request, Scalar

Keys = tuple[str, ...]

_REQUEST, _RESPONSE = (
    {member: name for member, (name, _) in names.HTTP[block].items()} for block in ("request", "response")
)
_STATUS: Final = (_RESPONSE["status"],)
_LENGTH: Final = (_RESPONSE["content_length"],)
_STATUS_AND_LENGTH: Final = _STATUS + _LENGTH
_METHOD: Final = (names.METHOD,)
_METHOD_AND_AS_SENT: Final = (names.METHOD, names.METHOD_AS_SENT)
_URL, _USER_AGENT, _CLIENT_IP, _FORWARDED, _TRACED = (
    (_REQUEST[member],) for member in ("url", "user_agent", "client_ip", "x_forwarded_for", "traced")
)
_CALL_TEXTS: Final = {member: name for member, (name, kind) in names.CALL.items() if kind is str}
_TABLE: Final = "table_name"
_USER: Final = (names.USER,)
_STRINGS: Final = (names.ANNOTATION_STRINGS,)
_WORDS: Final = {True: "true", False: "false"}
_NO_NAME: Final = ("", object)
_NOTHING_LEFT: Final[Other] = {}


class UnusualError(Exception):
    """Left to the plain decoder."""


def add_http_texts(http: Http, texts: list[str]) -> Keys:
    """Add what was answered, then what was asked."""
    response, request = http.response, http.request
    keys: Keys = ()
    if response is not UNSET:
        status, length = response.status, response.content_length
        if status is not UNSET and length is not UNSET:
            texts += (str(status), str(length))
            keys = _STATUS_AND_LENGTH
        elif status is not UNSET or length is not UNSET:
            texts.append(str(length if status is UNSET else status))
            keys = _LENGTH if status is UNSET else _STATUS
        else:
            raise UnusualError
    elif request is UNSET:
        raise UnusualError
    return keys if request is UNSET else keys + _add_request(request, texts)


def _add_request(request: Request, texts: list[str]) -> Keys:
    keys: Keys = ()
    if (method := request.method) is not UNSET:
        texts.append(method.upper())
        keys = _METHOD
        if not method.isupper():
            texts.append(method)
            keys = _METHOD_AND_AS_SENT
    for key, text in ((_URL, request.url), (_USER_AGENT, request.user_agent), (_CLIENT_IP, request.client_ip)):
        if text is not UNSET:
            texts.append(text)
            keys += key
    for key, flag in ((_FORWARDED, request.x_forwarded_for), (_TRACED, request.traced)):
        if flag is not UNSET:
            texts.append(_WORDS[flag])
            keys += key
    if not keys:
        raise UnusualError
    return keys


def add_sql_texts(sql: dict[str, Scalar | None], texts: list[str]) -> Keys:
    """Add a query; all of it are texts."""
    if not sql:
        raise UnusualError
    keys = []
    for member, value in sql.items():
        name, kind = names.SQL.get(member, _NO_NAME)
        if type(value) is not kind:
            raise UnusualError
        keys.append(name)
        texts.append(value)  # type: ignore[arg-type]  # all of them are texts
    return tuple(keys)


def add_user_and_metadata(node: Node, texts: list[str]) -> Keys:
    """Add who it was for, and what the application keeps with it: JSON as it was sent."""
    keys: Keys = ()
    if node.user is not UNSET:
        texts.append(node.user)
        keys = _USER
    if (metadata := node.metadata) is not UNSET:
        if not metadata:
            raise UnusualError
        texts += [str(text, "utf-8") for text in metadata.values()]
        keys += _metadata_keys(tuple(metadata))
    return keys


@lru_cache(maxsize=1024)
def _metadata_keys(namespaces: tuple[str, ...]) -> Keys:
    return tuple(names.METADATA_PREFIX + namespace for namespace in namespaces)


def add_call_texts(call: Call, texts: list[str]) -> tuple[Keys, Other]:
    """Add what was called in AWS, and return what is left: texts and one table here, the rest by ``add_call``."""
    if not call:
        raise UnusualError
    keys, table = _call_keys(tuple(call))
    if keys:
        for value in call.values():
            if type(value) is not str:
                break
        else:
            values = list(call.values())
            if table >= 0:
                values.append(list_text((values.pop(table),)))
            texts += values  # type: ignore[arg-type]  # likewise
            return keys, _NOTHING_LEFT
    bag: Bag = {}
    rest = add_call(call, bag)
    return add_bag(bag, texts), rest


@lru_cache(maxsize=1024)
def _call_keys(members: tuple[str, ...]) -> tuple[Keys, int]:
    """Return the keys of a call's texts, and where the table is, which becomes the last; none if one is no text."""
    table = members.index(_TABLE) if _TABLE in members else -1
    others = [member for member in members if member != _TABLE]
    if not set(others) <= _CALL_TEXTS.keys():
        return (), -1
    return (*(_CALL_TEXTS[member] for member in others), *([names.TABLES] if table >= 0 else [])), table


def add_annotation_texts(annotations: dict[str, Annotation], texts: list[str]) -> Keys:
    """Add annotations, the list of them, and of those that are texts and look like something else."""
    if not annotations:
        raise UnusualError
    keys, listed = _annotation_keys(tuple(annotations))
    strings: Keys = ()
    for place, value in enumerate(annotations.values()):
        if type(value) is str:
            texts.append(value)
            if value and value[0] in FIRST_TYPED and looks_typed(value):
                strings += (keys[place],)
        else:
            texts.append(str(value) if type(value) is int else attribute_text(value))
    texts.append(listed)
    if not strings:
        return keys
    texts.append(list_text(strings))
    return keys + _STRINGS


@lru_cache(maxsize=1024)
def _annotation_keys(members: tuple[str, ...]) -> tuple[Keys, str]:
    """Return the keys of annotations and of their list, and that list."""
    keys = tuple(annotation_name(member) for member in members)
    return (*keys, names.ANNOTATIONS), list_text(keys)


@lru_cache(maxsize=1024)
def list_text(texts: tuple[str, ...]) -> str:
    """Write a list of texts, such as the names of annotations: the same again and again."""
    return attribute_text(texts)


def add_bag(bag: Bag, texts: list[str]) -> Keys:
    """Add attributes that were collected first."""
    texts += [list_text(tuple(value)) if type(value) is list else attribute_text(value) for value in bag.values()]
    return tuple(bag)
