"""Sinks by name: what ``--to`` asks for."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TypeAlias

from taskscope.app.components import SINKS
from taskscope.errors import UsageError
from taskscope.sinks.api import Sink
from taskscope.sinks.target import Target, parse_target

MakeSink: TypeAlias = Callable[[Target], Sink]


def check_targets(texts: Sequence[str]) -> list[Target]:
    """
    Take every ``--to`` apart.

    Raises:
        UsageError: One names no sink that there is, or does not read, or is there twice.
    """
    targets = [parse_target(text) for text in texts]
    for target in targets:
        if target.name not in SINKS:
            raise UsageError(f"--to {target.name}: there is no such sink", hint=f"choose of {', '.join(SINKS)}")
    seen = [(each.name, each.address) for each in targets]
    for name, address in seen:
        if seen.count((name, address)) > 1:
            raise UsageError(f"--to {name}{'=' if address else ''}{address} is there twice")
    return targets


def make_sink(target: Target) -> Sink:
    """Make the sink that a target names."""
    module, _, attribute = SINKS[target.name].partition(":")
    make: MakeSink = getattr(import_module(module), attribute)
    return make(target)
