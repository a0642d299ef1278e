"""The list of metrics."""

from functools import partial

import pytest

from taskscope.errors import UsageError
from taskscope.model.metric import Metric, MetricKind
from taskscope.model.metric_series import LabelValues, MetricPage
from taskscope.model.window import Window
from taskscope.query.metrics.entries import list_metrics
from taskscope.query.metrics.labels import list_labels
from taskscope.store.engine import Store
from tests.unit.query.metrics.sending import BEGIN, HOUR, gauge, keep, point


@pytest.fixture(scope="module")
def filled(store: Store) -> Store:
    """Give a store with three names, one of which is sent as two kinds."""
    counter = Metric("http.requests", MetricKind.SUM, "{request}", "Requests.", temporality=2, is_monotonic=True)
    keep(
        store, [point(counter, 5, 1.0, service=each, code=code) for each in ("shop", "cart") for code in ("200", "500")]
    )
    keep(store, [point(counter, 65, 2.0, service="shop", code="200")])
    keep(store, [point(gauge("http.requests"), 5, 1.0)])
    keep(store, [point(gauge("Memory", unit="By"), 5, 1.0, resource={"zone": "a", "code": "9"}, code="1")])
    keep(store, [point(gauge("Memory", unit="By"), 6, 1.0, resource={"zone": "b"})])
    for temporality in (1, 2):
        keep(store, [point(Metric("mixed", MetricKind.SUM, temporality=temporality), 9, 1.0)])
    keep(store, [point(gauge("yesterday"), -86_400, 1.0)])
    return store


def _names(page: MetricPage) -> list[tuple[str, str]]:
    return [(each.name, each.kind) for each in page.metrics]


def test_each_metric_is_told_with_what_its_senders_say(filled: Store) -> None:
    """By name, then kind; points, series and services of the window alone."""
    page = list_metrics(filled, HOUR)

    assert _names(page) == [
        ("Memory", "gauge"), ("http.requests", "gauge"), ("http.requests", "sum"), ("mixed", "sum"),
    ]  # fmt: skip
    found = page.metrics[2]
    assert (found.unit, found.description, found.temporality) == ("{request}", "Requests.", "cumulative")
    assert found.is_monotonic
    assert (found.services, found.series, found.points) == (("cart", "shop"), 4, 5)
    assert (found.first_ns, found.last_ns) == ((BEGIN + 5) * 10**9, (BEGIN + 65) * 10**9)
    assert page.metrics[3].temporality == "delta, cumulative"
    assert page.cursor == ""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("HTTP", {"http.requests"}),
        ("mem", {"Memory"}),
        ("*e*", {"Memory", "http.requests", "mixed"}),
        ("m?xed", {"mixed"}),
        ("http", {"http.requests"}),
        ("http*s", {"http.requests"}),
        ("ttp.*", set()),  # a pattern is for the whole name
        ("%", set()),
    ],
)
def test_names_are_chosen_by_part_or_pattern(filled: Store, text: str, names: set[str]) -> None:
    """A part may be in either case."""
    assert {each.name for each in list_metrics(filled, HOUR, text=text).metrics} == names


def test_a_service_has_its_own_metrics(filled: Store) -> None:
    """With series and points of its own."""
    [found] = list_metrics(filled, HOUR, service="cart").metrics

    assert (found.name, found.series, found.points, found.services) == ("http.requests", 2, 2, ("cart",))


def test_pages_go_on_where_the_one_before_ended(filled: Store) -> None:
    """Between the kinds of one name, too."""
    found, cursor = [], ""
    for _ in range(4):
        page = list_metrics(filled, HOUR, limit=1, cursor=cursor)
        found += _names(page)
        cursor = page.cursor

    assert found == _names(list_metrics(filled, HOUR))
    assert cursor == ""


@pytest.mark.parametrize("cursor", ["x", "%%%", "Z2F1Z2U", "\N{SNOWMAN}"])
def test_any_text_is_no_cursor(filled: Store, cursor: str) -> None:
    """It is refused unless it names a kind and a name."""
    if cursor == "Z2F1Z2U":  # "gauge", without a name: before all
        assert list_metrics(filled, HOUR, cursor=cursor).metrics
        return
    with pytest.raises(UsageError, match="is no cursor of a list of metrics"):
        list_metrics(filled, HOUR, cursor=cursor)


def test_nothing_was_sent(filled: Store) -> None:
    """An empty page."""
    assert list_metrics(filled, Window(0, 10**9)) == MetricPage((), "")


def test_labels_have_the_values_that_most_series_have_first(filled: Store) -> None:
    """Points' own labels hide those of their resource; each series has its service."""
    labels = list_labels(filled, HOUR, name="http.requests", kind="sum")

    assert labels == (
        LabelValues("code", ("200", "500"), 2),
        LabelValues("service", ("cart", "shop"), 2),
        LabelValues("service.name", ("cart", "shop"), 2),
    )
    memory = list_labels(filled, HOUR, name="Memory")
    assert memory[0] == LabelValues("code", ("1",), 1)
    assert [each.name for each in memory] == ["code", "service", "service.name", "zone"]


def test_labels_can_be_chosen_and_bounded(filled: Store) -> None:
    """One label, of some series, and so many values."""
    services = partial(list_labels, filled, HOUR, name="http.requests", kind="sum", label="service")

    assert services(limit=1) == (LabelValues("service", ("cart",), 2),)
    assert services(where=["service=shop"]) == (LabelValues("service", ("shop",), 1),)
