"""Sinks by name: what ``--to`` asks for."""

from collections.abc import Sequence
from contextlib import closing

from taskscope.app.components import SINKS, TARGETS
from taskscope.app.named import load_named
from taskscope.errors import UsageError
from taskscope.model.batch import Signal
from taskscope.sinks.api import Sink
from taskscope.sinks.target import Target, parse_target


def check_targets(texts: Sequence[str]) -> list[Target]:
    """
    Take every ``--to`` apart.

    Raises:
        UsageError: One names no sink that there is, or does not read.
    """
    targets = [parse_target(text) for text in texts]
    for target in targets:
        if target.name not in SINKS:
            raise UsageError(f"--to {target.name}: there is no such sink", hint=f"choose of {', '.join(SINKS)}")
    return targets


def check_sinks(texts: Sequence[str]) -> None:
    """
    Read the options of every ``--to``, so that what is wrong is said before anything starts.

    Raises:
        UsageError: An option is wrong, or two sinks have one name.
    """
    configs = [load_named(dict(TARGETS)[each.name]).parse(each) for each in check_targets(texts)]
    names = [config.name for config in configs]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"--to: two sinks are named {name}", hint="give one of them another: --to otlp=URL,name=b")


def signals_of(target: Target) -> frozenset[Signal]:
    """Return what the sink that a target names takes; it is made for that, and connects to nothing."""
    with closing(make_sink(target)) as sink:
        return sink.signals


def make_sink(target: Target) -> Sink:
    """Make the sink that a target names."""
    sink: Sink = load_named(SINKS[target.name])(load_named(dict(TARGETS)[target.name]).parse(target))
    return sink
