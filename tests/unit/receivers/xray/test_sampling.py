"""Quotas are leased: together never more than the reservoir, and all of it when clients keep reporting."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from taskscope.clock import SECOND
from taskscope.receivers.xray.rule import Rule
from taskscope.receivers.xray.rules import RuleStore
from taskscope.receivers.xray.sampling import INTERVAL_SECONDS, QUOTA_SECONDS, Sampler
from tests.unit.receivers.xray.conftest import NOW, MovedClock

_CLIENTS = [f"{number:024x}" for number in range(7)]


def _report(client: str, name: str = "Default", **counts: int) -> dict[str, Any]:
    return {"RuleName": name, "ClientID": client, "Timestamp": 1.0, "RequestCount": 1, "SampledCount": 0} | counts


def _quota(sampler: Sampler, client: str, name: str = "Default") -> int:
    [target] = sampler.targets([_report(client, name)])["SamplingTargetDocuments"]
    return int(target["ReservoirQuota"])


@pytest.fixture
def sampler(tmp_path: Path, clock: MovedClock) -> Sampler:
    """Give a sampler whose built-in rule has a reservoir of ten."""
    return Sampler(RuleStore(tmp_path / "rules.json", default_reservoir=10, clock=clock), clock=clock)


def test_single_client_gets_the_whole_reservoir(sampler: Sampler, clock: MovedClock) -> None:
    """Its answer says how much, how long, and when to come again."""
    clock.now += SECOND // 2
    answer = sampler.targets([_report(_CLIENTS[0])])

    assert answer == {
        "SamplingTargetDocuments": [
            {
                "RuleName": "Default",
                "FixedRate": 0.05,
                "ReservoirQuota": 10,
                "ReservoirQuotaTTL": NOW / SECOND + QUOTA_SECONDS,
                "Interval": INTERVAL_SECONDS,
            }
        ],
        "LastRuleModification": NOW / SECOND,
        "UnprocessedStatistics": [],
    }


def test_second_client_waits_until_the_first_gives_up_its_share(sampler: Sampler) -> None:
    """What is leased is not leased twice; after one round of reports the shares are equal."""
    first, second = _CLIENTS[:2]

    assert [_quota(sampler, client) for client in (first, second, first, second)] == [10, 0, 5, 5]


def test_share_of_a_client_that_ended_is_free_again(sampler: Sampler, clock: MovedClock) -> None:
    """A lease is good through its last second, then it is over."""
    first, second = _CLIENTS[:2]
    _quota(sampler, first)
    clock.now += QUOTA_SECONDS * SECOND
    assert _quota(sampler, second) == 0
    clock.now += SECOND

    assert _quota(sampler, second) == 10


@given(st.integers(0, 40), st.permutations(_CLIENTS))
def test_reservoir_is_divided_wholly_and_equally(size: int, clients: list[str]) -> None:
    """After two rounds all of the reservoir is given, no client has two more than another."""
    with TemporaryDirectory() as folder:
        clock = MovedClock()
        sampler = Sampler(RuleStore(Path(folder) / "rules.json", default_reservoir=size, clock=clock), clock=clock)
        for _ in range(2):
            for client in clients:
                _quota(sampler, client)
        quotas = [_quota(sampler, client) for client in clients]

    assert sum(quotas) == size
    assert max(quotas) - min(quotas) <= 1


class Leases(RuleBasedStateMachine):
    """Clients come, go and report at any time, to one of two rules."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._clock = MovedClock()
        rules = [Rule(rule_name="a", priority=1, fixed_rate=0.5, reservoir_size=3)]
        store = RuleStore(Path(self._folder.name) / "rules.json", rules, default_reservoir=5, clock=self._clock)
        self._sampler = Sampler(store, clock=self._clock)
        self._held: dict[tuple[str, str], tuple[int, float]] = {}

    @rule(client=st.sampled_from(_CLIENTS), name=st.sampled_from(["a", "Default"]))
    def report(self, client: str, name: str) -> None:
        """A client reports and holds what it is given."""
        [target] = self._sampler.targets([_report(client, name)])["SamplingTargetDocuments"]
        self._held[name, client] = (target["ReservoirQuota"], target["ReservoirQuotaTTL"])

    @rule(milliseconds=st.integers(1, 45_000))
    def wait(self, milliseconds: int) -> None:
        """Time goes by."""
        self._clock.now += milliseconds * (SECOND // 1000)

    @invariant()
    def clients_never_take_more_than_the_reservoir(self) -> None:
        """A client takes its quota as long as its lease has not ended, in whole seconds as SDKs compare them."""
        now = self._clock.now // SECOND
        for name, size in (("a", 3), ("Default", 5)):
            good = [quota for (of, _), (quota, until) in self._held.items() if of == name and int(until) >= now]
            assert sum(good) <= size

    def teardown(self) -> None:
        """Forget the rules."""
        self._folder.cleanup()


TestLeases = Leases.TestCase


@pytest.mark.parametrize(
    "wrong",
    [
        7,
        {},
        {"RuleName": "none"},
        {"RuleName": ["Default"]},
        {"RuleName": "Default"},
        _report("not hexadecimal digits!!"),
        _report(_CLIENTS[0], RequestCount=-1),
        _report(_CLIENTS[0], BorrowCount=2**31),
        _report(_CLIENTS[0]) | {"SampledCount": "3"},
        _report(_CLIENTS[0]) | {"SampledCount": True},
    ],
)
def test_wrong_statistics_are_named_and_the_rest_is_processed(sampler: Sampler, wrong: Any) -> None:
    """One wrong document does not spoil the others."""
    answer = sampler.targets([wrong, _report(_CLIENTS[1])])

    assert [each["RuleName"] for each in answer["SamplingTargetDocuments"]] == ["Default"]
    assert [each["ErrorCode"] for each in answer["UnprocessedStatistics"]] == ["InvalidRequestException"]


def test_statistics_are_summed_in_windows_of_ten_seconds(sampler: Sampler, clock: MovedClock) -> None:
    """What clients report in a window is one summary, and an hour of them is kept."""
    for client in _CLIENTS[:2]:
        sampler.targets([_report(client, RequestCount=4, SampledCount=2, BorrowCount=1)])
    clock.now += 10 * SECOND
    sampler.targets([_report(_CLIENTS[0], RequestCount=3)])

    start = NOW / SECOND // 10 * 10
    assert sampler.summaries()["SamplingStatisticSummaries"] == [
        {"RuleName": "Default", "Timestamp": start, "RequestCount": 8, "SampledCount": 4, "BorrowCount": 2},
        {"RuleName": "Default", "Timestamp": start + 10, "RequestCount": 3, "SampledCount": 0, "BorrowCount": 0},
    ]
    for _ in range(400):
        clock.now += 10 * SECOND
        sampler.targets([_report(_CLIENTS[0])])
    assert len(sampler.summaries()["SamplingStatisticSummaries"]) == 360


def test_clients_are_bounded(sampler: Sampler, monkeypatch: pytest.MonkeyPatch) -> None:
    """More clients than can be remembered get no quota, those remembered keep theirs."""
    monkeypatch.setattr("taskscope.receivers.xray.sampling._MAX_CLIENTS", 2)
    known = _CLIENTS[:2]
    for client in known:
        _quota(sampler, client)

    assert [_quota(sampler, client) for client in known] == [5, 5]
    assert _quota(sampler, _CLIENTS[2]) == 0
    assert [_quota(sampler, client) for client in known] == [5, 5]
