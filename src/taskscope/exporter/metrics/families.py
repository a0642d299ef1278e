"""The metric families of one scrape."""

import sys
from collections.abc import Iterator
from typing import Final

from prometheus_client import Metric

from taskscope import __version__
from taskscope.exporter.metrics.compat import compat
from taskscope.exporter.metrics.containers import container_families
from taskscope.exporter.metrics.family import info, single
from taskscope.exporter.metrics.task import network_families, task_families
from taskscope.exporter.reading import Outcome

COMPAT: Final = "compat"
"""The names and labels of ecs-task-metadata-exporter."""
MODERN: Final = "modern"
"""Conventional names and base units, and info metrics for the metadata; those of ecs_exporter where it has them."""
SETS: Final = frozenset({COMPAT, MODERN})


def families(outcome: Outcome, *, sets: frozenset[str]) -> Iterator[Metric]:
    """Yield the families of ``sets`` for what was read; without a reading, that there is none."""
    if COMPAT in sets:
        yield from compat(outcome)
    if MODERN in sets:
        yield from _modern(outcome)


def _modern(outcome: Outcome) -> Iterator[Metric]:
    if (reading := outcome.reading) is not None:
        yield from task_families(reading.task)
        yield from container_families(reading)
        yield from network_families(reading)
    up = float(outcome.is_complete)
    yield from single("taskscope_exporter_up", "1 where everything was read, 0 where something is missing", up)
    yield from single("taskscope_exporter_scrape_duration_seconds", "How long reading took", outcome.seconds)
    python = ".".join(map(str, sys.version_info[:3]))
    text = "Which exporter this is"
    yield from info("taskscope_exporter_build", text, [{"version": __version__, "python_version": python}])
