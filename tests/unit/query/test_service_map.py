"""Maps, series and services of a store: minutes that are computed and those that are not give one answer."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model.service_map import EdgeKind, NodeKey, NodeKind, Tally
from taskscope.model.window import Window
from taskscope.query import minutes
from taskscope.query.search.ast import Selector
from taskscope.query.series import edge_series, edge_steps, service_series, service_steps
from taskscope.query.service_map import service_map
from taskscope.query.services import list_operations, list_services
from taskscope.query.trace.service_map import map_of
from taskscope.store.columns.tables import SPANS, columns_of
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate
from taskscope.store.rollups import Rollups
from tests.unit.query.shop import START, request

_MINUTE: Final = 60 * SECOND
_NOW: Final = START + 3 * _MINUTE + 30 * SECOND
_WINDOW: Final = Window(START, _NOW)
_WEB: Final = NodeKey("web", "")
_PAY: Final = NodeKey("pay", "AWS::ECS::Fargate")
_SPANS: Final = [span for number in range(7) for span in request(number)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store with seven traces in three minutes that are computed and one that is open."""
    with open_store(f"chdb://{tmp_path_factory.mktemp('map')}") as opened:
        migrate(opened)
        opened.insert_columns(SPANS, columns_of(SPANS, _SPANS), token="all")
        assert Rollups(opened).refresh(_NOW, budget_seconds=60) == 3
        yield opened


def test_the_open_minute_is_joined_live(store: Store) -> None:
    """The rest is not: the answer is that of all spans."""
    assert minutes.survey(store, _WINDOW, now_ns=_NOW).live == [((START + 3 * _MINUTE) // SECOND, _NOW // SECOND + 30)]
    found = service_map(store, _WINDOW, now_ns=_NOW)

    assert found == map_of(_SPANS)
    assert {node.key: node.kind for node in found.nodes} == {
        _PAY: NodeKind.SERVICE, _WEB: NodeKind.SERVICE, NodeKey("web", "client"): NodeKind.CLIENT,
    }  # fmt: skip
    assert [edge.kind for edge in found.edges] == [EdgeKind.CALL] * 2


def test_too_many_late_spans_are_left_out_and_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has come late is answered as it was; a minute that was never computed is missing."""
    monkeypatch.setattr(minutes, "LIVE_SPANS", 1)
    late = Rollups(store)
    store.insert_columns(SPANS, columns_of(SPANS, request(16)), token="late")
    found = service_map(store, Window(START, START + 20 * _MINUTE), now_ns=START + 20 * _MINUTE)

    assert found.is_partial
    assert found.nodes[1].statistics.tally.total == 7
    assert late.refresh(START + 20 * _MINUTE, budget_seconds=60) == 2
    assert not service_map(store, Window(START, START + 20 * _MINUTE), now_ns=START + 20 * _MINUTE).is_partial


def test_filtered_map_is_that_of_the_matching_traces(store: Store) -> None:
    """Joined of their spans, whether their minute is computed or not."""
    matching = [span for number in range(7) if number % 3 == 0 for span in request(number)]

    assert service_map(store, _WINDOW, expression="fault", now_ns=_NOW) == map_of(matching)
    assert service_map(store, _WINDOW, expression='service("nobody")', now_ns=_NOW).nodes == ()
    with pytest.raises(UsageError):
        service_map(store, _WINDOW, expression="service(", now_ns=_NOW)


def test_series_of_a_service_has_a_point_for_each_step(store: Store) -> None:
    """Steps without calls are left out; percentiles are those of the buckets, to 2.2 %."""
    found = service_series(store, _WINDOW, step_ns=_MINUTE, name="pay", type=_PAY.type, now_ns=_NOW)

    assert [(each.start_ns, each.ok, each.faults) for each in found.points] == [
        (START, 1, 1), (START + _MINUTE, 1, 1), (START + 2 * _MINUTE, 2, 0), (START + 3 * _MINUTE, 0, 1),
    ]  # fmt: skip
    assert all(each.average_ns == 2_000_000 for each in found.points)
    assert all(each.p50_ns == pytest.approx(2_000_000, rel=0.022) for each in found.points)
    assert service_series(store, _WINDOW, step_ns=_MINUTE, name="pay", type="", now_ns=_NOW).points == ()


def test_series_of_an_operation_and_of_an_edge(store: Store) -> None:
    """An operation is all spans of a name; an edge has the caller's view."""
    step = 60 * _MINUTE
    operation = service_series(store, _WINDOW, step_ns=step, name="web", operation="POST pay", now_ns=_NOW)
    edge = edge_series(store, _WINDOW, step_ns=step, source=_WEB, target=_PAY, now_ns=_NOW)

    assert sum(each.ok + each.faults for each in operation.points) == 7
    assert [(each.ok, each.faults, each.average_ns) for each in edge.points] == [(4, 3, 3_000_000)]
    assert operation.points[0].p50_ns == pytest.approx(3_000_000, rel=0.05)


@pytest.mark.parametrize("step", [0, 1, _MINUTE + 1, 7 * SECOND, 45 * SECOND])
def test_a_step_is_some_whole_minutes_or_a_short_one(store: Store, step: int) -> None:
    """One that divides a minute."""
    with pytest.raises(UsageError, match="whole minutes"):
        service_series(store, _WINDOW, step_ns=step, name="web", now_ns=_NOW)


@pytest.mark.parametrize("seconds", [1, 10, 30])
def test_short_steps_are_joined_of_spans(store: Store, seconds: int) -> None:
    """Of computed minutes too; a request is in the step in which its caller's span began."""
    step = seconds * SECOND
    window = Window(START + 5 * SECOND, START + 91 * SECOND)
    service = service_series(store, window, step_ns=step, name="pay", type=_PAY.type, now_ns=_NOW)
    edge = edge_series(store, window, step_ns=step, source=_WEB, target=_PAY, now_ns=_NOW)
    operation = service_series(store, window, step_ns=step, name="web", operation="GET /", now_ns=_NOW)

    starts = [START + each * SECOND for each in (0, 30, 60, 90) if each >= 5 // seconds * seconds]
    for series, average in ((service, 2_000_000), (edge, 3_000_000), (operation, 4_000_000)):
        assert [each.start_ns for each in series.points] == starts
        assert all((each.ok + each.faults, each.average_ns) == (1, average) for each in series.points)
    assert [each.faults for each in service.points][-1] == 1


def test_short_steps_are_for_short_windows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With as many spans as can be joined while one waits."""
    with pytest.raises(UsageError, match="15 minutes"):
        service_series(store, Window(START, START + 16 * _MINUTE), step_ns=SECOND, name="web", now_ns=_NOW)
    monkeypatch.setattr(minutes, "LIVE_SPANS", 1)
    with pytest.raises(UsageError, match="spans in these minutes"):
        service_series(store, _WINDOW, step_ns=SECOND, name="web", now_ns=_NOW)


def test_steps_of_matching_traces(store: Store) -> None:
    """Of services and connections alike: each third request fails."""
    asked: Any = {
        "step_ns": 60 * _MINUTE,
        "expression": 'group.name = "bad"',
        "groups": {"bad": "fault"},
        "now_ns": _NOW,
    }
    services = service_steps(store, _WINDOW, selected=Selector(), **asked)
    edges = edge_steps(store, _WINDOW, source=Selector(type="client"), target=Selector(), **asked)

    assert [each.statistics.tally for each in services] == [Tally(faults=6)]
    assert [each.statistics.tally for each in edges] == [Tally(faults=3)]
    asked |= {"groups": {"bad": 'service("nobody")'}}
    assert service_steps(store, _WINDOW, selected=Selector(), **asked) == []


def test_services_are_selected_by_account_connections_are_not(store: Store) -> None:
    """An account is known of who sends spans."""
    asked: Any = {"step_ns": 60 * _MINUTE, "now_ns": _NOW}
    found = service_steps(store, _WINDOW, selected=Selector(account="7"), **asked)

    assert [each.statistics.tally.total for each in found] == [7]
    assert service_steps(store, _WINDOW, selected=Selector("web", account="7"), **asked) == []
    with pytest.raises(UsageError, match="account"):
        edge_steps(store, _WINDOW, source=Selector(account="7"), target=Selector(), **asked)


def test_services_have_their_figures_and_places(store: Store) -> None:
    """Places are in the order of first sight, and stay."""
    pay, web = list_services(store, _WINDOW)

    assert (pay.name, pay.type, pay.account, pay.place, pay.is_entry) == ("pay", _PAY.type, "7", 0, False)
    assert (web.name, web.type, web.ok, web.faults, web.place, web.is_entry) == ("web", "", 4, 3, 1, True)
    assert (web.first_ns, web.average_ns) == (START, 4_000_000)


def test_operations_are_of_a_name_and_kind(store: Store) -> None:
    """Also those that enter nothing."""
    found = list_operations(store, _WINDOW, "web")

    assert [(each.name, each.kind, each.ok, each.faults) for each in found] == [
        ("GET /", 2, 4, 3),
        ("POST pay", 3, 4, 3),
    ]
