"""What is asked of a server, and what comes of its answers."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from taskscope.client.usage import UsageClient
from taskscope.errors import UnreachableError
from taskscope.model.document import to_document
from taskscope.model.resource_usage import Level, ResourceEntry, ResourceKey, ResourcePage, Usage, UsageSeries
from taskscope.model.window import Window


class _Answering:
    """Answers from a list, and notes what it is asked."""

    def __init__(self, *answers: Any) -> None:
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self._answers = list(answers)

    def get(self, path: str) -> Any:
        """Note the path."""
        parts = urlsplit(path)
        self.asked.append((parts.path, {name: value for name, [value] in parse_qs(parts.query).items()}))
        return self._answers.pop(0)

    @property
    def client(self) -> UsageClient:
        """Return who asks."""
        rest: Any = self
        return UsageClient(rest)


def _page(name: str, cursor: str = "") -> Any:
    return to_document(ResourcePage((ResourceEntry(ResourceKey(Level.SERVICE, "shop", name), Usage(cpu=0.5)),), cursor))


def test_pages_are_asked_for_until_the_last() -> None:
    """What is empty is not sent."""
    server = _Answering(_page("jobs", "next"), _page("web"))

    found = list(server.client.resources(Window(1, 2), Level.SERVICE, cluster="shop"))

    assert [(each.key.service, each.usage.cpu) for each in found] == [("jobs", 0.5), ("web", 0.5)]
    first = {"level": "service", "cluster": "shop", "start": "1", "end": "2", "limit": "1000"}
    assert server.asked == [("/api/resources", first), ("/api/resources", {**first, "cursor": "next"})]


def test_a_series_is_asked_for_by_names() -> None:
    """With the length of its steps."""
    key = ResourceKey(Level.TASK, "shop", "web", "1")
    server = _Answering(to_document(UsageSeries(key, 60, ())))

    assert server.client.series(Window(1, 2), key, step="1m").key == key
    assert server.asked[0][1] == {
        "level": "task", "cluster": "shop", "service": "web", "task": "1", "start": "1", "end": "2", "step": "1m",
    }  # fmt: skip


def test_an_answer_of_another_kind_is_told() -> None:
    """It is not the program's mistake."""
    with pytest.raises(UnreachableError, match="not understood"):
        _Answering({"tasks": 7}).client.live()
