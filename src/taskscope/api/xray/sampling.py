"""Sampling rules and targets: the rules are those of the receiver on port 2000, whoever is asked for them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from taskscope.api.workers import Workers
from taskscope.api.xray.errors import AwsError
from taskscope.api.xray.state import XrayState, tags_of
from taskscope.clock import SECOND, Clock
from taskscope.errors import UsageError
from taskscope.receivers.xray.answers import RULES, SUMMARIES, TARGETS, SamplingAnswers
from taskscope.receivers.xray.rule import Rule
from taskscope.receivers.xray.rules import RuleStore

_OK: Final = 200
_FIELDS: Final[Mapping[str, str]] = {
    "ResourceARN": "resource_arn", "Priority": "priority", "FixedRate": "fixed_rate",
    "ReservoirSize": "reservoir_size", "Host": "host", "ServiceName": "service_name", "ServiceType": "service_type",
    "HTTPMethod": "http_method", "URLPath": "url_path", "Attributes": "attributes",
}  # fmt: skip
_ARN: Final = "sampling-rule/"


@dataclass(frozen=True)
class Sampling:
    """Who answers polls, and where rules are changed."""

    answers: SamplingAnswers
    rules: RuleStore | None
    """None where AWS's rules are answered, which are changed there."""

    def changeable(self) -> RuleStore:
        """
        Return the rules.

        Raises:
            AwsError: They are AWS's.
        """
        if self.rules is None:
            raise AwsError("sampling rules are AWS's here (--sampling-from): change them there")
        return self.rules


class SamplingOperations:
    """The operations of sampling."""

    def __init__(self, sampling: Sampling, state: XrayState, workers: Workers, clock: Clock) -> None:
        """``state`` keeps the tags of rules."""
        self._sampling = sampling
        self._state = state
        self._call = workers.call
        self._clock = clock

    async def rules(self, given: dict[str, Any]) -> dict[str, Any]:
        """GetSamplingRules."""
        return await self._poll(RULES, given)

    async def targets(self, given: dict[str, Any]) -> dict[str, Any]:
        """GetSamplingTargets."""
        lists = {name: [_in_seconds(each) for each in documents] for name, documents in given.items()}
        return await self._poll(TARGETS, lists)

    async def summaries(self, given: dict[str, Any]) -> dict[str, Any]:
        """GetSamplingStatisticSummaries."""
        return await self._poll(SUMMARIES, given)

    async def create(self, given: dict[str, Any]) -> dict[str, Any]:
        """CreateSamplingRule."""
        return await self._call(partial(self._create, given["SamplingRule"], tags_of(given)))

    async def update(self, given: dict[str, Any]) -> dict[str, Any]:
        """UpdateSamplingRule."""
        return await self._call(partial(self._update, given["SamplingRuleUpdate"]))

    async def delete(self, given: dict[str, Any]) -> dict[str, Any]:
        """DeleteSamplingRule."""
        return await self._call(partial(self._delete, given))

    async def _poll(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        answer = await self._sampling.answers.answer(path, json.dumps(given).encode())
        document = json.loads(answer.body or b"{}")
        if answer.status != _OK:
            message = str(document.get("Message") or document.get("message") or "no answer was to be had")
            code = "ThrottledException" if answer.status == HTTPStatus.TOO_MANY_REQUESTS else "InvalidRequestException"
            raise AwsError(message, code=code, status=HTTPStatus(answer.status))
        found: dict[str, Any] = _in_nanoseconds(document)
        return found

    def _create(self, document: dict[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
        rules = self._sampling.changeable()
        name = document.get("RuleName")
        if not name:
            raise UsageError("a sampling rule needs a RuleName")
        if any(each.rule_name == name for each in rules.rules()):
            raise UsageError(f"there is a sampling rule {name!r} already")
        unusable = document.pop("SamplingRateBoost", None)
        if unusable is not None:
            raise UsageError("SamplingRateBoost: sampling boosts are not supported")
        rule = Rule.read(document, now=self._clock())
        rules.put(rule)
        self._state.set_tags(rule.document()["RuleARN"], tags)
        return {"SamplingRuleRecord": _record(rule)}

    def _update(self, document: dict[str, Any]) -> dict[str, Any]:
        rules = self._sampling.changeable()
        rule = _find(rules, document)
        if "SamplingRateBoost" in document:
            raise UsageError("SamplingRateBoost: sampling boosts are not supported")
        changes = {field: document[name] for name, field in _FIELDS.items() if name in document}
        changed = replace(rule, modified_ns=self._clock(), **changes)
        rules.put(changed)
        return {"SamplingRuleRecord": _record(changed)}

    def _delete(self, given: dict[str, Any]) -> dict[str, Any]:
        rules = self._sampling.changeable()
        rule = _find(rules, given)
        rules.delete(rule.rule_name)
        self._state.set_tags(rule.document()["RuleARN"], {})
        return {"SamplingRuleRecord": _record(rule)}


def _find(rules: RuleStore, given: Mapping[str, Any]) -> Rule:
    """Return the rule that a request names by name or ARN; AWS wants one of them, not both."""
    name, arn = given.get("RuleName"), given.get("RuleARN")
    if bool(name) == bool(arn):
        raise UsageError("name the sampling rule by RuleName or by RuleARN")
    wanted = name or str(arn).partition(_ARN)[2]
    for each in rules.rules():
        if each.rule_name == wanted:
            return each
    raise UsageError(f"there is no sampling rule {name or arn!r}")


def _record(rule: Rule) -> dict[str, Any]:
    return {"SamplingRule": rule.document(), "CreatedAt": rule.created_ns, "ModifiedAt": rule.modified_ns}


_TIMES: Final = frozenset({"CreatedAt", "ModifiedAt", "Timestamp", "LastRuleModification", "ReservoirQuotaTTL"})


def _in_seconds(document: dict[str, Any]) -> dict[str, Any]:
    return document | {"Timestamp": document["Timestamp"] / SECOND}


def _in_nanoseconds(document: Any) -> Any:
    """Return an answer of the receiver's with its times as the rest of this API has them."""
    if isinstance(document, list):
        return [_in_nanoseconds(each) for each in document]
    if not isinstance(document, dict):
        return document
    return {
        name: round(value * SECOND) if name in _TIMES and isinstance(value, int | float) else _in_nanoseconds(value)
        for name, value in document.items()
    }
