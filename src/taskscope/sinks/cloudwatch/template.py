"""Names of log groups and streams, made of resource attributes: ``/taskscope/{service.name}``."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple, Self

from taskscope.errors import UsageError
from taskscope.model.attributes import AttributeValue, attribute_text
from taskscope.model.resource import Resource

NAME_CHARACTERS: Final = 512
"""The most of a group's or a stream's name."""
UNKNOWN: Final = "unknown"
"""Stands for a placeholder none of whose attributes is set."""

_GROUP_REFUSES: Final = re.compile(r"[^.\-_/#A-Za-z0-9]")
_STREAM_REFUSES: Final = re.compile(r"[:*\x00-\x1f\x7f]")
_PIECE: Final = re.compile(r"\{([^{}]*)\}|([^{}]+)")
_KEYS: Final = re.compile(r"[\w.\-/]+(?:\|[\w.\-/]+)*")


class Template(NamedTuple):
    """
    Text with placeholders ``{key|other.key}``: the first attribute of the resource that is set.

    ``aws.ecs.task.id`` and ``aws.ecs.cluster.name`` are also taken from their ARNs; of a list counts its first member.
    """

    pieces: tuple[str | tuple[str, ...], ...]
    refused: re.Pattern[str]
    """Characters that AWS does not take; each becomes ``_``."""

    @classmethod
    def of_group(cls, text: str) -> Self:
        """
        Read the template of a log group's name.

        Raises:
            UsageError: It is empty, a placeholder does not read, or a character cannot be in such a name.
        """
        return cls._parse(text, _GROUP_REFUSES, "log group")

    @classmethod
    def of_stream(cls, text: str) -> Self:
        """
        Read the template of a log stream's name.

        Raises:
            UsageError: As ``of_group``.
        """
        return cls._parse(text, _STREAM_REFUSES, "log stream")

    @classmethod
    def _parse(cls, text: str, refused: re.Pattern[str], what: str) -> Self:
        if not text or len(text) > NAME_CHARACTERS:
            raise UsageError(f"{text[:80]!r} is no name of a {what}", hint=f"1 to {NAME_CHARACTERS} characters")
        pieces: list[str | tuple[str, ...]] = []
        at = 0
        for found in _PIECE.finditer(text):
            if found.start() != at or (found[1] is not None and not _KEYS.fullmatch(found[1])):
                break
            if found[2] is not None and (bad := refused.search(found[2])):
                raise UsageError(f"{text!r} is no name of a {what}: it has {bad[0]!r}")
            pieces.append(tuple(found[1].split("|")) if found[1] is not None else found[2])
            at = found.end()
        if at != len(text):
            raise UsageError(
                f"{text!r} is no name of a {what}: the placeholder at character {at + 1} does not read",
                hint="write {service.name} or {aws.ecs.task.id|host.name}",
            )
        return cls(tuple(pieces), refused)

    def expand(self, resource: Resource) -> str:
        """Return the name for a resource, with characters that AWS does not take replaced, cut where it is too long."""
        text = "".join(each if isinstance(each, str) else _first(resource, each) for each in self.pieces)
        return self.refused.sub("_", text)[:NAME_CHARACTERS]


def first_log_group(resource: Resource) -> str:
    """Return the first of ``aws.log.group.names``, a list or a text with ``&`` in between; empty if there is none."""
    name = _plain(resource.attributes.get("aws.log.group.names")).split("&")[0]
    return _GROUP_REFUSES.sub("_", name)[:NAME_CHARACTERS]


def _first(resource: Resource, keys: tuple[str, ...]) -> str:
    for key in keys:
        found = _plain(resource.attributes.get(key))
        if not found and key in _DERIVED:
            found = _DERIVED[key](resource)
        if found:
            return found
    return UNKNOWN


def _plain(value: AttributeValue) -> str:
    if isinstance(value, list | tuple):
        return attribute_text(value[0]) if value else ""
    return attribute_text(value)


def cluster_name(resource: Resource) -> str:
    """Return the name in the cluster's ARN, or in that of the task: ``…:task/CLUSTER/ID``; empty if neither has one."""
    task = _plain(resource.attributes.get("aws.ecs.task.arn")).split("/")
    return _last_part_of("aws.ecs.cluster.arn")(resource) or (task[1] if len(task) > 2 else "")  # noqa: PLR2004


def _last_part_of(key: str) -> Callable[[Resource], str]:
    return lambda resource: _plain(resource.attributes.get(key)).rpartition("/")[2]


_DERIVED: Final[dict[str, Callable[[Resource], str]]] = {
    "service.name": lambda resource: resource.service_name,
    "aws.ecs.task.id": _last_part_of("aws.ecs.task.arn"),
    "aws.ecs.cluster.name": cluster_name,
}
