"""
X-Ray as far as a program that only wants to sample asks: GetSamplingRules and GetSamplingTargets.

An account without rules of its own has the rule ``Default``: one request a second, then 5 % (X-Ray developer guide).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from taskscope.clock import SECOND, Clock, to_datetime
from taskscope.lab.gateway.service import Call, Document, Operation

DEFAULT_RULE: Final = "Default"
FIXED_RATE: Final = 0.05
RESERVOIR: Final = 1
"""Requests a second that are sampled before the fixed rate counts, over all clients together."""

INTERVAL_SECONDS: Final = 10
"""How often a client asks for targets, and for how long it owns the reservoir."""

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


class XRayService:
    """Answers the default sampling rule; every other operation is the fallback's."""

    name = "xray"
    whole = False

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._owners: dict[str, tuple[str, int]] = {}
        self.operations: Mapping[str, Operation] = {
            "GetSamplingRules": self._get_sampling_rules,
            "GetSamplingTargets": self._get_sampling_targets,
        }

    def _get_sampling_rules(self, call: Call) -> Document:
        rule = {
            "RuleName": DEFAULT_RULE,
            "RuleARN": f"arn:aws:xray:{call.region}:{call.account}:sampling-rule/{DEFAULT_RULE}",
            "ResourceARN": "*",
            "Priority": 10_000,
            "FixedRate": FIXED_RATE,
            "ReservoirSize": RESERVOIR,
            "ServiceName": "*",
            "ServiceType": "*",
            "Host": "*",
            "HTTPMethod": "*",
            "URLPath": "*",
            "Version": 1,
            "Attributes": {},
        }
        return {"SamplingRuleRecords": [{"SamplingRule": rule, "CreatedAt": _NEVER, "ModifiedAt": _NEVER}]}

    def _get_sampling_targets(self, call: Call) -> Document:
        targets, unknown = [], []
        for statistics in call.params["SamplingStatisticsDocuments"]:
            if statistics["RuleName"] == DEFAULT_RULE:
                targets.append(self._target(call.region, statistics["ClientID"]))
            else:
                name = statistics["RuleName"]
                unknown.append({"RuleName": name, "ErrorCode": "404", "Message": f"There is no rule {name}"})
        return {
            "SamplingTargetDocuments": targets,
            "LastRuleModification": _NEVER,
            "UnprocessedStatistics": unknown,
        }

    def _target(self, region: str, client: str) -> Document:
        """Lend the reservoir to one client at a time, since it cannot be divided; the others have the fixed rate."""
        now = self._clock()
        owner, until = self._owners.get(region, (client, 0))
        owns = owner == client or until <= now
        if owns:
            self._owners[region] = client, now + 2 * INTERVAL_SECONDS * SECOND
        return {
            "RuleName": DEFAULT_RULE,
            "FixedRate": FIXED_RATE,
            "ReservoirQuota": RESERVOIR if owns else 0,
            "ReservoirQuotaTTL": to_datetime(now + INTERVAL_SECONDS * SECOND, UTC),
            "Interval": INTERVAL_SECONDS,
        }
