"""Documents as answers."""

import json

import pytest
from starlette.requests import Request

from taskscope.api.answers import answer, encode, encode_plain, kept_answer
from taskscope.model.service_map import NodeKey


def _request(tag: str | None = None) -> Request:
    headers = [] if tag is None else [(b"if-none-match", tag.encode())]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers})


def test_a_document_is_json() -> None:
    """Named tuples are objects, what is no number is null."""
    assert json.loads(bytes(answer({"node": NodeKey("a", "b"), "rate": float("nan")}).body)) == {
        "node": {"name": "a", "type": "b"},
        "rate": None,
    }


@pytest.mark.parametrize("form", ["{}", '"x", {}', "*", 'W/"x",{},"y"'])
def test_who_has_it_already_gets_no_copy(form: str) -> None:
    """However a cache names what it has; the tag stays with the answer."""
    tag = kept_answer(_request(), [1]).headers["etag"]

    again = kept_answer(_request(form.format(tag)), [1])

    assert (again.status_code, again.body, again.headers["etag"]) == (304, b"", tag)


def test_a_strong_tag_names_the_same_document() -> None:
    """Proxies compress, and make weak ones of them or not."""
    tag = kept_answer(_request(), [1]).headers["etag"]

    assert tag.startswith("W/")
    assert kept_answer(_request(tag.removeprefix("W/")), [1]).status_code == 304


@pytest.mark.parametrize("tag", ["", '"other"', 'W/"other"'])
def test_another_document_is_sent(tag: str) -> None:
    """A span came in between."""
    assert kept_answer(_request(tag), [2]).status_code == 200


def test_plain_values_are_written_as_they_are() -> None:
    """And are an answer as they stand."""
    content = encode_plain({"rows": [1, 2.5, "x", None]})
    assert content == b'{"rows":[1,2.5,"x",null]}'
    assert encode(content) is content
    assert answer(content).body == content
