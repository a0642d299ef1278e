"""All settings that are in force: read once, by the process that starts the others."""

import dataclasses
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from taskscope.app.components import SETTINGS
from taskscope.app.named import load_named
from taskscope.app.settings.config import CollectorConfig
from taskscope.app.settings.sinks import check_sinks
from taskscope.config.file import SettingsFile, find_file
from taskscope.config.layers import Loaded, Origin, load, naming
from taskscope.config.options import options_of, unknown_variables
from taskscope.config.show import documents
from taskscope.errors import UsageError
from taskscope.receivers.xray.rule import read_rules

_log = logging.getLogger(__name__)

_OTHER_VARIABLES: Final = frozenset(
    f"TASKSCOPE_{name}"
    for name in ("CONFIG", "SERVER", "TLS_CA", "NOW", "COLOR", "OUTPUT", "DURATION", "SNS", "STDOUT", "COMPLETE")
)
"""Variables that are no settings of a collector."""

_C = TypeVar("_C", bound=CollectorConfig)
_T = TypeVar("_T")


@dataclass(frozen=True)
class Settings(Generic[_C]):
    """The settings of a collector and of its components."""

    server: _C
    loaded: tuple[Loaded[Any], ...]
    sampling_rules: Sequence[Mapping[str, Any]] = ()
    """Tables ``[[xray.rule]]`` of the file."""

    def component(self, kind: type[_T]) -> _T:
        """Return the settings of a component."""
        found: _T = next(each.value for each in self.loaded if isinstance(each.value, kind))
        return found

    def origin(self, name: str) -> Origin:
        """Return where a setting of the whole server came from."""
        return self.loaded[0].origins[name]

    def with_server(self, **values: Any) -> "Settings[_C]":
        """Return the same settings, but for these of the whole server."""
        server = dataclasses.replace(self.server, **values)
        first = dataclasses.replace(self.loaded[0], value=server)
        return dataclasses.replace(self, server=server, loaded=(first, *self.loaded[1:]))

    def plan_settings(self) -> dict[str, dict[str, Any]]:
        """Return them as a plan carries them; tokens travel apart."""
        sections = {each.section or "server": dataclasses.asdict(each.value) for each in self.loaded}
        sections["server"] |= {"write_token": "", "read_token": ""}
        return sections

    def shown(self) -> list[dict[str, str]]:
        """Return them as people may see them: with where each came from, secrets masked."""
        return documents(self.loaded)

    def write_token(self) -> str:
        """Return what senders have to show; empty if nothing."""
        return read_token(self.server.write_token, self.server.write_token_file)


def load_settings(kind: type[_C], flags: Mapping[str, object], *, config: str | None = None) -> Settings[_C]:
    """
    Read flags, environment and file, and check them all.

    Raises:
        UsageError: A value is wrong, a key or a sink is unknown.
    """
    file = find_file(config, os.environ)
    classes = [("", kind), *((section, load_named(name)) for section, name in SETTINGS if section)]
    every = [("", load_named(SETTINGS[0][1])), *classes]
    file.check_keys([option for section, each in every for option in options_of(each, section)], tables=("xray.rule",))
    loaded = tuple(load(each, section=section, flags=flags, environ=os.environ, file=file) for section, each in classes)
    server = loaded[0].value
    with naming({"to": loaded[0].origins["to"]}):
        check_sinks(server.to)
    known = {name for section, each in every for option in options_of(each, section) for name in option.env}
    for line in unknown_variables(os.environ, known | _OTHER_VARIABLES):
        _log.warning("%s", line)
    return Settings(server, loaded, _sampling_rules(file))


def _sampling_rules(file: SettingsFile) -> Sequence[Mapping[str, Any]]:
    """Return the tables ``[[xray.rule]]`` of the file, which are sampling rules."""
    rules: Sequence[Mapping[str, Any]] = file.section("xray").get("rule", [])
    try:
        read_rules(rules, now=0)
    except UsageError as error:
        raise UsageError(f"{file.place('xray.rule')}: {error.message}", hint=error.hint) from None
    return rules


def read_token(value: str, file: str) -> str:
    """
    Return a token that is given itself or in a file.

    Raises:
        UsageError: The file cannot be read; the token is empty, or has characters that no header can carry.
    """
    if value:
        return _checked(value, "the token")
    if not file:
        return ""
    try:
        text = Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the token file {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"the token file {file} is no text") from None
    return _checked(text, f"the token file {file}")


def _checked(text: str, what: str) -> str:
    """Return a token, if a header can carry it."""
    token = text.strip()
    if not token:
        raise UsageError(f"{what} is empty")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise UsageError(f"{what} has characters that no header can carry", hint="make one: openssl rand -hex 32")
    return token
