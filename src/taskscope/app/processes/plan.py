"""What a process of the collector is to do: made by the one that starts it, sent to it as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self, TypeVar, get_origin, get_type_hints

_C = TypeVar("_C")


@dataclass(frozen=True)
class Plan:
    """One process: its roles, the sockets that it inherits, and the settings of its parts."""

    name: str
    """Such as ``udp`` or ``otlp-0``; of its counters and log lines."""
    roles: Sequence[str]
    """Of ``app.components.ROLES``."""
    folder: str
    """The data directory."""
    sockets: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Handles of bound sockets by purpose, such as ``xray-udp``."""
    address: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """What cannot be inherited is bound by the process itself: ``otlp-grpc``."""
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Settings of components by section; those of the whole server are under ``server``."""
    sampling_rules: Sequence[Mapping[str, Any]] = ()
    """Rules for X-Ray SDKs, as the file has them."""
    shown_settings: Sequence[Mapping[str, str]] = ()
    """All settings as people may see them, for the API."""
    write_token: str = field(default="", repr=False)
    read_token: str = field(default="", repr=False)

    @property
    def index(self) -> int:
        """The number at the end of the name, 0 if there is none: names the lanes of alike processes."""
        tail = self.name.rpartition("-")[2]
        return int(tail) if tail.isdigit() else 0

    @property
    def has_work(self) -> bool:
        """Whether any of its roles has something to do: UDP without a socket has not."""
        return bool(self.sockets) or bool(set(self.roles) - {"datagrams"})

    @property
    def path(self) -> Path:
        """The data directory."""
        return Path(self.folder)

    def component(self, kind: type[_C], section: str) -> _C:
        """Return the settings of a component."""
        return rebuild(kind, self.settings.get(section, {}))

    def dump(self) -> str:
        """Write the plan as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Self:
        """Read what ``dump`` wrote."""
        return rebuild(cls, json.loads(text))


def rebuild(kind: type[_C], values: Mapping[str, Any]) -> _C:
    """Make a dataclass of what JSON has left of it: its tuples are lists there."""
    hints = get_type_hints(kind)
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type]  # any dataclass
    return kind(
        **{
            name: tuple(value) if get_origin(hints[name]) is tuple and isinstance(value, list) else value
            for name, value in values.items()
            if name in known
        }
    )
