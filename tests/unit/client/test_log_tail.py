"""Server-sent events, and going on after a break."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from taskscope.client.log_tail import Event, TailReader, read_events
from taskscope.client.rest import Rest
from taskscope.errors import AccessError, UnreachableError


def test_events_are_read_line_by_line() -> None:
    """Comments are left out, ids last, data may have several lines."""
    text = b"retry: 2000\n\nid: 7\nevent: log\ndata: a\n: heard\ndata:b\n\nid: 8\r\n: nothing new\r\n\r\ndata: c\n"
    lines = [each + b"\n" for each in text.split(b"\n")[:-1]]
    assert list(read_events(lines)) == [
        Event("", "message", ""),
        Event("7", "log", "a\nb"),
        Event("8", "message", ""),
    ]


@dataclass
class Fake:
    """A server that tells something at each connection."""

    tells: list[list[bytes] | Exception]
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    @contextmanager
    def stream(self, path: str, **_: Any) -> Iterator[Iterator[bytes]]:
        """Tell the next thing."""
        self.asked.append(parse_qs(urlsplit(path).query))
        told = self.tells.pop(0) if self.tells else UnreachableError("gone")
        if isinstance(told, Exception):
            raise told
        yield iter(told)


def event(number: int) -> list[bytes]:
    """Return the lines of an event."""
    return [f"id: {number}\n".encode(), b"event: log\n", b"data: " + json.dumps({"n": number}).encode() + b"\n", b"\n"]


def take(reader: TailReader, count: int) -> list[int]:
    """Return the numbers of so many events."""
    found: list[int] = []
    while len(found) < count:
        found += [each["n"] for each in reader.take(0.2)]
    return found


def test_after_a_break_it_goes_on_from_the_last_id() -> None:
    """A connection that ends, and one that is refused for a while."""
    fake = Fake([[*event(1), *event(2)], UnreachableError("away"), event(3)])
    reader = TailReader(cast("Rest", fake), {"group": "g"})
    assert reader.begin() == 1_000_000_000
    assert take(reader, 3) == [1, 2, 3]
    reader.close()
    assert [each.get("cursor") for each in fake.asked[:3]] == [None, ["2"], ["2"]]
    assert fake.asked[0]["group"] == ["g"]


def test_a_refusal_ends_it() -> None:
    """What a retry cannot help is raised to the one who takes."""
    reader = TailReader(cast("Rest", Fake([AccessError("no token")])), {})
    with pytest.raises(AccessError):
        reader.begin()
    with pytest.raises(AccessError):
        take(reader, 1)


def test_trouble_of_the_server_is_told_while_it_lasts() -> None:
    """An event ``problem`` is one of them."""
    problem = [b"event: problem\n", b'data: {"detail": "the store is away"}\n', b"\n"]
    reader = TailReader(cast("Rest", Fake([problem])), {})
    while not reader.trouble:
        assert reader.take(0.05) == []
    reader.close()
    assert reader.trouble in {"the store is away", "gone"}
