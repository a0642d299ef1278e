"""What the mock answers: a task and its statistics, built in or recorded by the user."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from taskscope.errors import UsageError
from taskscope.exporter.server.answer import Answer

BASE_PATH: Final = "/v4/mock"
"""The mock is asked below it; any other path in front of ``/task`` and ``/task/stats`` does as well."""
_TASK: Final = "task.json"
_STATS: Final = "stats.json"
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Recording:
    """A task's metadata and its statistics, as they are in two files."""

    task: Mapping[str, Any]
    stats: Mapping[str, Any]

    @classmethod
    def built_in(cls) -> "Recording":
        """Return a task of Fargate with two containers."""
        return cls.load(files(__package__))

    @classmethod
    def load(cls, folder: Traversable) -> "Recording":
        """
        Read the files of a folder.

        Raises:
            UsageError: One of them cannot be read, or holds no JSON object.
        """
        return cls(_document(folder / _TASK), _document(folder / _STATS))


def recording(folder: Path | None) -> Recording:
    """
    Return the user's recording, or the one that is built in.

    Raises:
        UsageError: The user's cannot be read.
    """
    return Recording.built_in() if folder is None else Recording.load(folder)


def _document(file: Traversable) -> Mapping[str, Any]:
    try:
        document = json.loads(file.read_bytes())
    except OSError as error:
        hint = f'in the task: curl -o {_TASK} "$ECS_CONTAINER_METADATA_URI_V4/task", and /task/stats as {_STATS}'
        raise UsageError(f"{file} cannot be read: {error.strerror}", hint=hint) from None
    except ValueError as error:
        raise UsageError(f"{file} is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise UsageError(f"{file} is no JSON object")
    return document


class MockSite:
    """Answers as the endpoint's versions 2, 3 and 4 do, but for tags and other containers' ids."""

    def __init__(self, recorded: Recording) -> None:
        self._task = _json(recorded.task)
        self._stats = _json(recorded.stats)
        [container, *_] = recorded.task.get("Containers") or [{}]
        self._container = _json(container)
        self._container_stats = _json(recorded.stats.get(container.get("DockerId", "")) or {})

    def __call__(self, path: str, headers: Message) -> Answer:  # noqa: ARG002 (the site's signature)
        """Answer a request."""
        plain = path.rstrip("/")
        if plain.endswith(("/task/stats", "/v2/stats")):
            return self._stats
        if plain.endswith(("/task", "/v2/metadata")):
            return self._task
        if plain.endswith("/stats"):
            return self._container_stats
        if plain in {"", "/v3", BASE_PATH}:
            return self._container
        return Answer(HTTPStatus.NOT_FOUND, json.dumps("404 page not found").encode(), _JSON)


def _json(document: Mapping[str, Any]) -> Answer:
    return Answer(HTTPStatus.OK, json.dumps(document, separators=(",", ":")).encode(), _JSON)
