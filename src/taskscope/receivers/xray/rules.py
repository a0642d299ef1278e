"""The rules in force: those of the configuration, and over them those that were set through the API."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from taskscope.clock import Clock, system_clock
from taskscope.errors import UsageError
from taskscope.receivers.xray.rule import DEFAULT, DEFAULT_PRIORITY, Rule

_VERSION: Final = 1


class RuleStore:
    """
    Sampling rules: the configured ones, and changes to them in a file of the data directory, which win.

    The API's process changes the file, the receiver's process reads it: a change is seen at the next look. One process
    at a time may change it.
    """

    def __init__(
        self,
        path: Path,
        configured: Iterable[Rule] = (),
        *,
        default_rate: float = 0.05,
        default_reservoir: int = 1,
        clock: Clock = system_clock,
    ) -> None:
        """
        Read the file, if there is one.

        Raises:
            UsageError: It is none of ours.
        """
        self._path = path
        self._clock = clock
        self._loaded_ns = clock()
        self._configured = {DEFAULT: self._default(default_rate, default_reservoir)}
        self._configured |= {rule.rule_name: rule for rule in configured}
        self._stored: dict[str, Rule] = {}
        self._deleted: set[str] = set()
        self._changed_ns = 0
        self._seen: tuple[int, ...] = ()
        self._refresh()

    def rules(self) -> list[Rule]:
        """Return the rules in force, in the order in which SDKs try them."""
        self._refresh()
        standing = {name: rule for name, rule in self._configured.items() if name not in self._deleted}
        return sorted((standing | self._stored).values(), key=lambda rule: (rule.priority, rule.rule_name))

    def modified_ns(self) -> int:
        """Return when any rule was last changed; SDKs fetch all rules again when that is news to them."""
        self._refresh()
        return max(self._loaded_ns, self._changed_ns)

    def put(self, rule: Rule) -> None:
        """
        Keep a rule, in the place of one of its name.

        Raises:
            UsageError: A value of it is wrong.
        """
        rule.validate()
        self._refresh()
        self._save(self._stored | {rule.rule_name: rule}, self._deleted - {rule.rule_name})

    def delete(self, name: str) -> bool:
        """
        Delete a rule, a configured one as well; return whether there was one.

        Raises:
            UsageError: The built-in rule cannot be deleted.
        """
        if name == DEFAULT:
            raise UsageError(f"the sampling rule {name!r} cannot be deleted")
        was_there = any(rule.rule_name == name for rule in self.rules())
        if was_there:
            kept = {key: rule for key, rule in self._stored.items() if key != name}
            self._save(kept, self._deleted | {name} if name in self._configured else self._deleted)
        return was_there

    def _default(self, rate: float, reservoir: int) -> Rule:
        return Rule(
            rule_name=DEFAULT,
            priority=DEFAULT_PRIORITY,
            fixed_rate=rate,
            reservoir_size=reservoir,
            created_ns=self._loaded_ns,
            modified_ns=self._loaded_ns,
        )

    def _refresh(self) -> None:
        """Read the file again if it is another one than at the last look."""
        try:
            status = self._path.stat()
            # The inode as well: a file that is replaced within the clock's tick has the same time.
            seen = (status.st_ino, status.st_mtime_ns, status.st_size)
            if seen == self._seen:
                return
            content = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            self._stored, self._deleted, self._seen = {}, set(), ()
            return
        try:
            self._take(json.loads(content))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{self._path} holds no sampling rules: {error}", hint="move it away to begin with those configured"
            ) from None
        self._seen = seen

    def _take(self, document: dict[str, Any]) -> None:
        if document["version"] != _VERSION:
            raise ValueError(f"version {document['version']!r} is none that this Taskscope knows")
        rules = {each["rule_name"]: Rule(**each) for each in document["rules"]}
        for rule in rules.values():
            rule.validate()
        self._stored, self._deleted = rules, set(document["deleted"])
        self._changed_ns = document["changed_ns"]

    def _save(self, stored: dict[str, Rule], deleted: set[str]) -> None:
        """Replace the file: whoever reads it sees the old one or the new one, also after a crash."""
        rules = [vars(rule) | {"attributes": dict(rule.attributes)} for rule in stored.values()]
        document = {"version": _VERSION, "changed_ns": self._clock(), "rules": rules, "deleted": sorted(deleted)}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
