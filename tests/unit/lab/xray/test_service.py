import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from taskscope.clock import SECOND
from taskscope.lab.gateway.app import Gateway
from taskscope.lab.xray.service import XRayService

FIXTURES = Path(__file__).parents[3] / "fixtures" / "xray"


class _Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_795_151_190 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    """The service's clock."""
    return _Clock()


@pytest.fixture
def url(clock: _Clock, serve: Callable[[Any], str]) -> str:
    """A gateway with X-Ray alone."""
    return serve(Gateway([XRayService(clock=clock)], fallback=None, account="123456789012", region="us-east-1"))


def _client(url: str, **config: Any) -> Any:
    return boto3.client(
        "xray",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}, **config),
    )


def _post(url: str, recording: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Send a recorded request; give the answer and the recorded one."""
    sent = json.loads((FIXTURES / f"{recording}.headers.json").read_text())
    wanted = {name: value for name, value in sent["headers"].items() if name not in ("Host", "Content-Length")}
    body = (FIXTURES / f"{recording}.json").read_bytes()
    request = urllib.request.Request(url + sent["path"], data=body, headers=wanted, method=sent["method"])  # noqa: S310 loopback
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 as above
        return json.load(answer), json.loads((FIXTURES / f"{recording}.response.json").read_text())


@pytest.mark.parametrize("recording", ["http_1_GetSamplingRules", "http_2_SamplingTargets", "http_3_GetSamplingRules"])
def test_recorded_unsigned_requests_are_answered(url: str, recording: str) -> None:
    """The members are those of the recorded answer, in the top level and in each record."""
    answer, recorded = _post(url, recording)

    assert answer.keys() == recorded.keys()
    for name, records in recorded.items():
        if isinstance(records, list) and records:
            assert answer[name][0].keys() == records[0].keys()


@pytest.mark.parametrize("config", [{}, {"signature_version": UNSIGNED}])
def test_the_default_rule_is_answered_signed_or_not(url: str, config: dict[str, Any]) -> None:
    """One request a second, then 5 %."""
    [record] = _client(url, **config).get_sampling_rules()["SamplingRuleRecords"]
    rule = record["SamplingRule"]
    assert (rule["RuleName"], rule["ReservoirSize"], rule["FixedRate"]) == ("Default", 1, 0.05)
    assert rule["RuleARN"] == "arn:aws:xray:us-east-1:123456789012:sampling-rule/Default"


def _statistics(client: str, rule: str = "Default") -> dict[str, Any]:
    return {
        "RuleName": rule,
        "ClientID": client * 24,
        "Timestamp": 1_795_151_190,
        "RequestCount": 6,
        "SampledCount": 1,
    }


def test_one_client_at_a_time_owns_the_reservoir(url: str, clock: _Clock) -> None:
    """Two clients together sample one request a second; when the owner is silent, the other takes over."""
    client = _client(url)

    def quota(name: str) -> int:
        answer = client.get_sampling_targets(SamplingStatisticsDocuments=[_statistics(name)])
        [target] = answer["SamplingTargetDocuments"]
        assert (target["FixedRate"], target["Interval"]) == (0.05, 10)
        assert target["ReservoirQuotaTTL"].timestamp() == clock.now / SECOND + 10
        return int(target["ReservoirQuota"])

    assert [quota("a"), quota("b"), quota("a")] == [1, 0, 1]
    clock.now += 20 * SECOND
    assert [quota("b"), quota("a")] == [1, 0]


def test_an_unknown_rule_is_unprocessed(url: str) -> None:
    """It is named, and the others are answered."""
    answer = _client(url).get_sampling_targets(
        SamplingStatisticsDocuments=[_statistics("a"), _statistics("a", rule="mine")]
    )
    assert len(answer["SamplingTargetDocuments"]) == 1
    assert [item["RuleName"] for item in answer["UnprocessedStatistics"]] == ["mine"]
