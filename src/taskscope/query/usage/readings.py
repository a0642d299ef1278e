"""The last readings of a container or task: what was used, and what counters grew by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any, Final, Self, TypeAlias

from taskscope.clock import SECOND

_Points: TypeAlias = Sequence[Sequence[float]]
"""Pairs of time, in nanoseconds since the epoch, and value; in the order of time."""

RATES: Final = ("network_rx", "network_tx", "storage_read", "storage_write")
_RANKS: Final[Mapping[str, int]] = {"": 0, "container-insights": 1}
_OTHER_RANK: Final = 2


@dataclass(frozen=True, slots=True)
class Readings:
    """What was read of a container, of a task, or of several containers."""

    cpu: tuple[float, ...] = ()
    """CPUs, oldest first."""
    memory: tuple[int, ...] = ()
    """Bytes, likewise."""
    rates: Mapping[str, float | None] = field(default_factory=dict)
    """Bytes per second between the last two readings, by the names of ``RATES``."""
    health: str = ""
    restarts: int | None = None
    last_ns: int = 0
    interval_ns: int = 0
    """How far readings are apart, in the middle; 0 before there are two."""

    @classmethod
    def together(cls, several: Sequence[Self]) -> Self:
        """Return the last values of several containers, added up."""
        cpu = [each.cpu[-1] for each in several if each.cpu]
        memory = [each.memory[-1] for each in several if each.memory]
        return cls(
            cpu=(sum(cpu),) if cpu else (),
            memory=(sum(memory),) if memory else (),
            rates={name: add(each.rates.get(name) for each in several) for name in RATES},
        )

    def rates_with(self, parts: Self) -> Mapping[str, float | None]:
        """Return a task's rates: traffic of its own, where it has that, but the disk I/O of its containers."""
        mine, theirs = self.rates.get, parts.rates.get
        return {
            name: _first(mine(name), theirs(name)) if name.startswith("network") else _first(theirs(name), mine(name))
            for name in RATES
        }


@dataclass(frozen=True, slots=True)
class Unit:
    """A container, or a task by itself, as one source measured it."""

    task_arn: str
    container: str
    """Empty: what is measured of the task."""
    rank: int
    """Of who measured it: the least one counts."""
    cluster_arn: str
    service: str
    family: str
    revision: str
    launch_type: str
    zone: str
    cpu_limit: float
    """0 for none, as the next one."""
    memory_limit: float
    started_ns: int
    readings: Readings


def units(rows: Sequence[Sequence[Any]]) -> Iterator[Unit]:
    """Read the rows of ``sql/usage/live.sql``; those of a unit's series become one."""

    def unit_of(row: Sequence[Any]) -> tuple[str, str, str]:
        return row[0], row[1], row[3]

    for (arn, container, source), found in groupby(sorted(rows, key=unit_of), key=unit_of):
        several = list(found)
        cluster, service, family, revision, launch_type, zone = (
            max(texts) for texts in zip(*(row[4:10] for row in several), strict=True)
        )
        cpu_limit, memory_limit, started = (
            max(values) for values in zip(*(row[10:13] for row in several), strict=True)
        )
        yield Unit(
            arn, container, _RANKS.get(source, _OTHER_RANK), cluster, service, family, revision, launch_type, zone,
            float(cpu_limit), float(memory_limit), int(started), _readings([row[13:] for row in several]),
        )  # fmt: skip


def _readings(columns: Sequence[Sequence[_Points]]) -> Readings:
    """Read the points of each series: only counters have several."""
    cpu, memory = (_longest(columns, index) for index in (0, 1))
    health, restarts = (_longest(columns, index) for index in (6, 7))
    rates = {name: add(_rate(each[index]) for each in columns) for index, name in enumerate(RATES, 2)}
    for index, name in enumerate(RATES[:2], 8):  # AWS tells these, and no counters
        rates[name] = _first(rates[name], add(each[index][-1][1] for each in columns if each[index]))
    return Readings(
        cpu=tuple(float(value) for _, value in cpu),
        memory=tuple(round(value) for _, value in memory),
        rates=rates,
        health=("HEALTHY" if health[-1][1] else "UNHEALTHY") if health else "",
        restarts=round(restarts[-1][1]) if restarts else None,
        interval_ns=_interval(max(cpu, memory, key=len)),
        last_ns=max((int(points[-1][0]) for each in columns for points in each if points), default=0),
    )


def _interval(points: _Points) -> int:
    apart = sorted(int(until - since) for (since, _), (until, _) in pairwise(points))
    return apart[len(apart) // 2] if apart else 0


def _longest(columns: Sequence[Sequence[_Points]], index: int) -> _Points:
    return max((each[index] for each in columns), key=len)


def _rate(points: _Points) -> float | None:
    """Return growth per second; a counter that is lower than before has begun anew."""
    if len(points) < 2 or points[-1][0] <= points[-2][0]:  # noqa: PLR2004 (from one to another)
        return None
    (since, before), (until, value) = points[-2:]
    grown = value - before if value >= before else value
    return grown * SECOND / (until - since)


def add(values: Iterator[float | None]) -> float | None:
    """Return the sum of what is known; None where nothing is."""
    known = [each for each in values if each is not None]
    return sum(known) if known else None


def _first(one: float | None, other: float | None) -> float | None:
    return other if one is None else one
