"""
The service map: who calls whom, how often, how well, how fast.

A **node** is a service that sent spans, something that such a service called and that sent none itself (inferred), or
a client from outside. Nodes are told apart by name and type, as X-Ray does: a function is two nodes of one name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, log2
from typing import Final, NamedTuple

CLIENT: Final = "client"
"""Type of a node that stands for callers from outside."""
REMOTE: Final = "remote"
"""Type of an inferred node of which only a host's name is known."""


class NodeKey(NamedTuple):
    """What tells nodes apart. ``type`` is X-Ray's (``AWS::ECS::Fargate``), empty where the platform is unknown."""

    name: str
    type: str


class NodeKind(StrEnum):
    """How a node is known."""

    SERVICE = "service"
    """It sent spans."""
    INFERRED = "inferred"
    """It was called."""
    CLIENT = "client"
    """It called, from outside."""


class EdgeKind(StrEnum):
    """How two nodes are connected."""

    CALL = "call"
    LINK = "link"
    """By a span link into another trace: a queue between the two."""


@dataclass(frozen=True, slots=True)
class Tally:
    """
    Completed requests by outcome, each in one group only.

    X-Ray's sense: a fault is the callee's (5xx, or a failed span without an HTTP status), a throttle is 429, an error
    is another fault of the caller's (4xx). Fault wins over throttle, throttle over error.
    """

    ok: int = 0
    errors: int = 0
    """Without throttles."""
    throttles: int = 0
    faults: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.ok + self.errors + self.throttles + self.faults


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of requests to a node or over an edge."""

    tally: Tally = field(default_factory=Tally)
    duration_sum_ns: int = 0
    duration_max_ns: int = 0
    histogram: Mapping[int, int] = field(default_factory=dict)
    """Counts by ``bucket_of`` the duration."""

    def percentile_ns(self, share: float) -> int:
        """Return the duration that ``share`` (0 to 1) of the requests did not exceed, to 2.2 %; 0 without any."""
        rank = share * sum(self.histogram.values())
        for bucket in sorted(self.histogram):
            rank -= self.histogram[bucket]
            if rank <= 0:
                return bucket_middle_ns(bucket)
        return 0


SCALE: Final = 16
"""Buckets to a doubling: those of OpenTelemetry's exponential histograms of scale 4, 4.4 % wide."""


def bucket_of(duration_ns: int) -> int:
    """Return the bucket of a duration: 0 up to 1 ns, else the b of which 2^((b-1)/16) < duration <= 2^(b/16)."""
    return ceil(log2(duration_ns) * SCALE) if duration_ns > 1 else 0


def bucket_middle_ns(bucket: int) -> int:
    """Return the duration that stands for a bucket: the geometric middle of its bounds. Bucket 0 is 0 to 1 ns."""
    return round(2 ** ((bucket - 0.5) / SCALE)) if bucket > 0 else 0


@dataclass(frozen=True, slots=True)
class MapNode:
    """A node of a service map."""

    index: int
    """Of this node in the map; edges name it."""
    key: NodeKey
    kind: NodeKind
    is_entry: bool
    """Whether traces begin here (X-Ray's ``Root``)."""
    statistics: Statistics
    """Of its own view of requests. Of inferred nodes and clients: none; their edges have them."""
    start_ns: int
    end_ns: int
    account: str = ""


@dataclass(frozen=True, slots=True)
class MapEdge:
    """A connection, with the caller's view of the requests where it told one, else the callee's."""

    source: int
    target: int
    kind: EdgeKind
    statistics: Statistics
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class ServiceMap:
    """Nodes, in the order of their index, and edges."""

    nodes: tuple[MapNode, ...]
    edges: tuple[MapEdge, ...]
    is_partial: bool = False
    """Some of the window, or of the traces that match, is missing: there was too much to join at once."""
