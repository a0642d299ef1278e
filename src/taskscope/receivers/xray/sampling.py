"""
The centralized half of X-Ray's sampling: which rules there are, and how much of a reservoir each client may take.

A client decides for itself: it takes up to its quota each second, then samples at the fixed rate; without a quota it
borrows one request a second (X-Ray developer guide; aws-xray-sdk-python). Quotas are leased: at no time do the quotas
that are still good add up to more than the reservoir, whoever comes or goes.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

from taskscope.clock import SECOND, Clock, system_clock
from taskscope.receivers.xray.rule import Rule
from taskscope.receivers.xray.rules import RuleStore

INTERVAL_SECONDS: Final = 10
"""How often clients report, which is what the SDKs do by themselves."""
QUOTA_SECONDS: Final = 30
"""How long a quota is good: three reports may be lost, and what a client that ended held is free again soon."""
MAX_DOCUMENTS: Final = 25
"""Statistics documents in one call: the X-Ray service model."""
_WINDOW_SECONDS: Final = 10
_MAX_WINDOWS: Final = 360
"""Statistics of one hour."""
_MAX_CLIENTS: Final = 1_000
"""Clients remembered for one rule; further ones get no quota until others are forgotten."""
_MAX_COUNT: Final = 2**31 - 1
_CLIENT_ID: Final = re.compile(r"[0-9a-fA-F]{24}")
_COUNTS: Final = ("RequestCount", "SampledCount", "BorrowCount")
_INVALID: Final = "InvalidRequestException"


@dataclass(slots=True)
class _Lease:
    """What a client may take each second, and until when."""

    quota: int
    until: int


@dataclass(slots=True)
class _Reservoir:
    leases: dict[str, _Lease] = field(default_factory=dict)
    windows: OrderedDict[int, dict[str, int]] = field(default_factory=OrderedDict)


class Sampler:
    """Answers for the rules of a store, from what clients report; all state is of this process and small."""

    def __init__(self, store: RuleStore, *, clock: Clock = system_clock) -> None:
        self._store = store
        self._clock = clock
        self._reservoirs: dict[str, _Reservoir] = {}

    def rules(self) -> dict[str, Any]:
        """Answer GetSamplingRules."""
        return {"SamplingRuleRecords": [rule.record() for rule in self._store.rules()]}

    def targets(self, documents: list[Any]) -> dict[str, Any]:
        """Answer GetSamplingTargets: take statistics, hand out quotas."""
        rules = {rule.rule_name: rule for rule in self._store.rules()}
        self._reservoirs = {name: kept for name, kept in self._reservoirs.items() if name in rules}
        targets, unprocessed = [], []
        for document in documents:
            if flaw := _flaw(document, rules):
                name = document.get("RuleName") if isinstance(document, dict) else None
                unprocessed.append({"RuleName": str(name), "ErrorCode": _INVALID, "Message": flaw})
            else:
                targets.append(self._target(rules[document["RuleName"]], document))
        return {
            "SamplingTargetDocuments": targets,
            "LastRuleModification": self._store.modified_ns() / SECOND,
            "UnprocessedStatistics": unprocessed,
        }

    def summaries(self) -> dict[str, Any]:
        """Answer GetSamplingStatisticSummaries: what was reported in the last hour, oldest first."""
        found = [
            {"RuleName": name, "Timestamp": float(start), **counts}
            for name, reservoir in self._reservoirs.items()
            for start, counts in reservoir.windows.items()
        ]
        return {"SamplingStatisticSummaries": sorted(found, key=lambda each: (each["Timestamp"], each["RuleName"]))}

    def _target(self, rule: Rule, document: dict[str, Any]) -> dict[str, Any]:
        now = self._clock() // SECOND
        reservoir = self._reservoirs.setdefault(rule.rule_name, _Reservoir())
        _count(reservoir, now, document)
        until = now + QUOTA_SECONDS
        return {
            "RuleName": rule.rule_name,
            "FixedRate": rule.fixed_rate,
            "ReservoirQuota": _lease(reservoir, rule.reservoir_size, document["ClientID"].lower(), now, until),
            "ReservoirQuotaTTL": float(until),
            "Interval": INTERVAL_SECONDS,
        }


def _lease(reservoir: _Reservoir, size: int, client: str, now: int, until: int) -> int:
    """Return the quota of a client: an equal share, or as much of it as others do not hold at present."""
    # Clients compare whole seconds and take from a quota all through its last one.
    leases = {name: lease for name, lease in reservoir.leases.items() if lease.until >= now}
    leases.pop(client, None)
    reservoir.leases = leases
    if len(leases) >= _MAX_CLIENTS:
        return 0
    free = size - sum(lease.quota for lease in leases.values())
    quota = max(0, min(_share(size, [*leases, client], client), free))
    leases[client] = _Lease(quota, until)
    return quota


def _share(size: int, clients: list[str], client: str) -> int:
    """Divide a reservoir equally; what is left over goes to the first in the order of their ids."""
    each, left_over = divmod(size, len(clients))
    return each + (sum(other < client for other in clients) < left_over)


def _count(reservoir: _Reservoir, now: int, document: dict[str, Any]) -> None:
    """Add up statistics by the window in which they came."""
    start = now - now % _WINDOW_SECONDS
    window = reservoir.windows.setdefault(start, dict.fromkeys(_COUNTS, 0))
    for name in _COUNTS:
        window[name] += document.get(name, 0)
    while len(reservoir.windows) > _MAX_WINDOWS:
        reservoir.windows.popitem(last=False)


def _flaw(document: Any, rules: dict[str, Rule]) -> str | None:
    """Say what is wrong with a statistics document."""
    if not isinstance(document, dict):
        return "a statistics document is an object"
    if not isinstance(document.get("RuleName"), str) or document["RuleName"] not in rules:
        return "there is no such rule"
    if not isinstance(document.get("ClientID"), str) or not _CLIENT_ID.fullmatch(document["ClientID"]):
        return "ClientID must be 24 hexadecimal digits"
    for name in _COUNTS:
        count = document.get(name, 0)
        if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= _MAX_COUNT:
            return f"{name} must be a whole number, 0 to {_MAX_COUNT}"
    return None
