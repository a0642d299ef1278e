"""What clients of the X-Ray API set: groups and tags, in a file of the data directory."""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from taskscope.errors import NotFoundError, UsageError
from taskscope.spool.segment import sync_directory

_VERSION: Final = 1
_MAX_GROUPS: Final = 100
_ARN: Final = "arn:aws:xray:us-east-1:000000000000:group/"


@dataclass(frozen=True, slots=True)
class Group:
    """Traces under a name: those that its filter expression fits."""

    name: str
    expression: str = ""
    insights: bool = False
    notifications: bool = False

    @property
    def arn(self) -> str:
        """What AWS would call it."""
        return f"{_ARN}{self.name}"


ALL: Final = Group("Default")
"""AWS's own group, of all traces."""


class XrayState:
    """Groups and tags; each change is in the file before it is told to have been made."""

    def __init__(self, path: Path) -> None:
        """
        Read the file, if there is one.

        Raises:
            UsageError: It is none of ours.
        """
        self._path = path
        self._lock = threading.Lock()
        self._groups: dict[str, Group] = {}
        self._tags: dict[str, dict[str, str]] = {}
        try:
            self._take(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            pass
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f"{path} holds no groups: {error}", hint="move it away to begin without any") from None

    def groups(self) -> list[Group]:
        """Return the groups, by name."""
        return sorted(self._groups.values(), key=lambda group: group.name)

    def expressions(self) -> Mapping[str, str]:
        """Return the filter expression of each group, by name and by ARN, as filter expressions may name them."""
        return {key: each.expression for each in self.groups() for key in (each.name, each.arn)}

    def group(self, name: str | None, arn: str | None = None) -> Group:
        """
        Return a group.

        Raises:
            NotFoundError: There is none of that name, or that ARN.
        """
        found = self._groups.get(name or (arn or "").removeprefix(_ARN))
        if found is None:
            raise NotFoundError(f"there is no group {name or arn!r}")
        return found

    def create(self, group: Group, tags: Mapping[str, str]) -> None:
        """
        Make a group.

        Raises:
            UsageError: There is one of its name, or there are too many.
        """
        with self._lock:
            if group.name in self._groups or group.name == ALL.name:
                raise UsageError(f"there is a group {group.name!r} already")
            if len(self._groups) >= _MAX_GROUPS:
                raise UsageError(f"there are {_MAX_GROUPS} groups already")
            self._save(self._groups | {group.name: group}, self._tags | {group.arn: dict(tags)})

    def update(self, group: Group, **changes: Any) -> Group:
        """Change a group, and return what it is then."""
        with self._lock:
            changed = replace(self._groups.get(group.name, group), **changes)
            self._save(self._groups | {group.name: changed}, self._tags)
            return changed

    def delete(self, group: Group) -> None:
        """Delete a group, and its tags."""
        with self._lock:
            kept = {name: each for name, each in self._groups.items() if name != group.name}
            self._save(kept, {arn: each for arn, each in self._tags.items() if arn != group.arn})

    def tags(self, arn: str) -> Mapping[str, str]:
        """Return the tags of a resource."""
        return self._tags.get(arn, {})

    def set_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        """Put tags in the place of those that a resource has."""
        with self._lock:
            kept = {name: each for name, each in self._tags.items() if name != arn}
            self._save(self._groups, kept | ({arn: dict(tags)} if tags else {}))

    def _take(self, document: dict[str, Any]) -> None:
        if document["version"] != _VERSION:
            raise ValueError(f"version {document['version']!r} is none that this Taskscope knows")
        groups = [Group(**each) for each in document["groups"]]
        self._groups = {each.name: each for each in groups}
        self._tags = {arn: dict(each) for arn, each in document["tags"].items()}

    def _save(self, groups: dict[str, Group], tags: dict[str, dict[str, str]]) -> None:
        """Replace the file: whoever reads it sees the old one or the new one, also after a crash."""
        document = {"version": _VERSION, "groups": [asdict(each) for each in groups.values()], "tags": tags}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        sync_directory(self._path.parent)
        self._groups, self._tags = groups, tags


def tags_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of a request."""
    return {each["Key"]: each["Value"] for each in given.get("Tags", [])}
