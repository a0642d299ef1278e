"""
A metric over time.

Values of gauges and sums are those of each series in a step first, then those of the series that are put together.
What is counted (by sums, and by the other kinds with each measurement) is what came to be counted since the point
before: of cumulative series the difference, or all of it where they began again; of the others what they say. It
belongs to the step in which it ended, so that a step has what lies in ``(start, end]``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model.metric import MetricKind, Temporality
from taskscope.model.metric_series import Aggregate, MetricAnswer, MetricEntry, MetricPoint, MetricSeries
from taskscope.model.window import Window
from taskscope.query.metrics.entries import describe
from taskscope.query.metrics.kinds import DEFAULT_PERCENTILE, DELTA, choose_aggregate, unit_of
from taskscope.query.metrics.matchers import check_groups, group_sql, matching, read_matcher, telling
from taskscope.query.metrics.percentiles import EXPLICIT, EXPONENTIAL, Bucketed, nearest_quantile, points_of
from taskscope.query.metrics.places import places_of
from taskscope.query.metrics.statements import TABLES, statement
from taskscope.query.metrics.steps import choose_step, whole_steps
from taskscope.store.api import Reader

MAX_SERIES: Final = 1_000
LOOK_BACK_NS: Final = 300 * SECOND
"""How far before the window the point may lie that the first one in it is compared with."""
_WITHIN: Final[Mapping[Aggregate, tuple[str, str]]] = {
    Aggregate.AVERAGE: ("avg(Value) AS W", "avg(W)"),
    Aggregate.MIN: ("min(Value) AS W", "min(W)"),
    Aggregate.MAX: ("max(Value) AS W", "max(W)"),
    Aggregate.LAST: ("max((Time, Value)) AS W", "max(W).2"),
    Aggregate.COUNT: ("count() AS W", "toFloat64(sum(W))"),
    Aggregate.SUM: ("argMax(Value, (Time, Value)) AS W", "sum(W)"),
}
"""How the points of a series in a step become one value, and those of the series."""
_OF_MEASUREMENTS: Final[Mapping[Aggregate, str]] = {
    Aggregate.INCREASE: "toFloat64(sum(Increase))",
    Aggregate.COUNT: "toFloat64(sum(Increase))",
    Aggregate.SUM: "sum(AmountIncrease)",
    Aggregate.AVERAGE: "sum(AmountIncrease) / sum(Increase)",
}
_COUNTED: Final = (Aggregate.RATE, Aggregate.INCREASE)
_BUCKETED: Final = {MetricKind.HISTOGRAM: EXPLICIT, MetricKind.EXPONENTIAL_HISTOGRAM: EXPONENTIAL}


@dataclass(frozen=True, slots=True)
class _Question:
    """All that a statement is made of."""

    entry: MetricEntry
    aggregate: Aggregate
    share: float
    """What is asked of percentiles, from 0 to 1."""
    steps: Window
    """Whole ones."""
    groups: str
    where: str
    parameters: Mapping[str, Any]

    def points(self, columns: str, where: str = "") -> str:
        """Return the statement of points, which have these columns beside those that all have."""
        every = (
            f"{self.groups} AS Labels, Series, toUnixTimestamp64Nano(TimeUnix) AS Time,"
            f" toUnixTimestamp64Nano(StartTimeUnix) AS Start, {_is_delta(self.entry.kind)} AS IsDelta,"
            f" if(IsDelta, 0, Start) AS Begin, {columns}"
        )
        condition = " AND ".join(filter(None, [self.where, where]))
        return statement("points", table=TABLES[self.entry.kind], columns=every, where=condition)

    def within(self) -> Mapping[str, Any]:
        """Return the parameters for points whose own time lies in a step."""
        return {**self.parameters, "start": self.steps.start_ns, "end": self.steps.end_ns}

    def until(self) -> Mapping[str, Any]:
        """Return the parameters for what ended in a step, with the points before."""
        start = self.steps.start_ns - (LOOK_BACK_NS if self.entry.temporality != DELTA else 0)
        return {
            **self.parameters, "start": max(0, start), "first": self.steps.start_ns, "end": self.steps.end_ns + 1,
        }  # fmt: skip


def range_query(
    reader: Reader,
    window: Window,
    *,
    name: str,
    kind: str = "",
    aggregate: str = "",
    step_ns: int = 0,
    by: Sequence[str] = (),
    where: Sequence[str] = (),
    percentile: float | None = None,
    limit: int = 20,
    now_ns: int,
) -> MetricAnswer:
    """
    Return a metric over time, a series for each different set of values of the labels ``by``.

    Steps begin at multiples of their length, and those at the ends of the window are whole; 0 chooses one. Without
    an aggregate it is what says most of that kind. ``where`` are conditions as ``matchers`` reads them.

    Raises:
        UsageError: Something that is asked does not read, or says nothing of this kind of metric; there are too many
            steps.
        NotFoundError: Nobody sent the metric in the window.
        AmbiguousError: It was sent as several kinds, and none is named.
        TaskscopeError: The store does not answer.
    """
    if not 0 < limit <= MAX_SERIES:
        raise UsageError(f"a limit of {limit}: it is between 1 and {MAX_SERIES}")
    if percentile is not None and not 0 <= percentile <= 100:  # noqa: PLR2004 (percent)
        raise UsageError(f"percentile {percentile:g} is not between 0 and 100")
    check_groups(by)
    matchers = [read_matcher(each) for each in where]
    entry = describe(reader, window, name, kind)
    asked = choose_aggregate(entry, aggregate, percentile)
    wanted = DEFAULT_PERCENTILE if percentile is None else percentile
    step = step_ns or choose_step(window, _interval(reader, window, entry))
    steps = whole_steps(window, step, limit)
    read = Window(max(0, steps.start_ns - LOOK_BACK_NS), steps.end_ns + 1)
    places = places_of(reader, read, name, entry.kind, [*by, *(each.label for each in matchers)])
    groups, group_values = group_sql(by, places).bound("g")
    chosen, values = matching(matchers, places).bound("w")
    parameters = {**group_values, **values, "name": name, "step": step, "limit": limit, "now": now_ns}
    question = _Question(entry, asked, wanted / 100, steps, groups, chosen, parameters)
    with telling():
        found, left_out = _ask(reader, question)
    series = tuple(MetricSeries(dict(zip(by, labels, strict=True)), points) for labels, points in found)
    told = f"{asked.value} {wanted:g}" if asked is Aggregate.PERCENTILE else asked.value
    return MetricAnswer(name, entry.kind, unit_of(entry, asked), told, step, series, left_out)


_Found = tuple[list[tuple[Sequence[str], tuple[MetricPoint, ...]]], int]


def _interval(reader: Reader, window: Window, entry: MetricEntry) -> int:
    """Return how far apart the points of a series are; 0 for what is sent when something happens."""
    if entry.temporality == DELTA:
        return 0
    asked = {"name": entry.name, "start": window.start_ns, "end": window.end_ns}
    [[gap]] = reader.query(statement("interval", table=TABLES[entry.kind]), asked).rows
    return int(gap or 0)


def _ask(reader: Reader, question: _Question) -> _Found:
    kind, aggregate = question.entry.kind, question.aggregate
    if aggregate is Aggregate.PERCENTILE and kind in _BUCKETED:
        return _bucketed(reader, question, _BUCKETED[MetricKind(kind)])
    if aggregate is Aggregate.PERCENTILE:
        values, parameters = _percentile(reader, question)
    elif kind == MetricKind.GAUGE or (kind == MetricKind.SUM and aggregate not in _COUNTED):
        values, parameters = _levels(question)
    elif aggregate in (Aggregate.MIN, Aggregate.MAX):
        values, parameters = _extremes(question)
    else:
        values, parameters = _counted(question)
    rows = reader.query(statement("ranked", values=values), parameters).rows
    return _read(rows, lambda steps: points_of(steps, question.parameters["step"]))


def _read(rows: Sequence[Sequence[Any]], points: Callable[[Any], tuple[MetricPoint, ...]]) -> _Found:
    total = int(rows[0][2]) if rows else 0
    return [(labels, points(values)) for labels, values, _ in rows], total - len(rows)


def _is_delta(kind: str) -> str:
    if kind in (MetricKind.GAUGE, MetricKind.SUMMARY):  # what a summary counts, it counts since its beginning
        return "false"
    return f"AggregationTemporality = {Temporality.DELTA.value}"


def _levels(question: _Question) -> tuple[str, Mapping[str, Any]]:
    if question.aggregate is Aggregate.SUM and question.entry.temporality == DELTA:
        return _counted(question)
    return _of_values(question, "Value", "isFinite(Value)")


def _extremes(question: _Question) -> tuple[str, Mapping[str, Any]]:
    """Return what finds the least or greatest measurement that histograms tell of."""
    name = "Min" if question.aggregate is Aggregate.MIN else "Max"
    return _of_values(question, f"{name} AS Value", f"Has{name} AND Count > 0")


def _of_values(question: _Question, column: str, where: str) -> tuple[str, Mapping[str, Any]]:
    within, across = _WITHIN[question.aggregate]
    is_delta = question.entry.temporality == DELTA
    points = question.points(column, f"{where} AND Time > {{first:Int64}}" if is_delta else where)
    moment, parameters = ("Time - 1", question.until()) if is_delta else ("Time", question.within())
    return statement("levels", within=within, across=across, moment=moment, points=points), parameters


def _percentile(reader: Reader, question: _Question) -> tuple[str, Mapping[str, Any]]:
    parameters = question.within()
    if question.entry.kind == MetricKind.GAUGE:
        points = question.points("Value", "isFinite(Value)")
        return statement("percentile", share=repr(question.share), points=points), parameters
    [[known]] = reader.query(statement("known_quantiles"), parameters).rows
    near = nearest_quantile(known, 100 * question.share, question.entry.name)
    value = "`ValueAtQuantiles.Value`[indexOf(`ValueAtQuantiles.Quantile`, {quantile:Float64})] AS Value"
    points = question.points(value, "has(`ValueAtQuantiles.Quantile`, {quantile:Float64})")
    return statement("quantiles", points=points), {**parameters, "quantile": near}


def _counted(question: _Question) -> tuple[str, Mapping[str, Any]]:
    of_sum = question.entry.kind == MetricKind.SUM
    if of_sum:
        points = question.points("Value AS Number, toFloat64(0) AS Amount, IsMonotonic", "isFinite(Value)")
    else:
        points = question.points("toInt64(Count) AS Number, Sum AS Amount, true AS IsMonotonic")
    pairs = statement(
        "pairs",
        points=points,
        point="(Time, Number, Start, Amount, IsMonotonic)",
        is_reset="(P.5 AND P.2 < E.2)",
        differences="if(IsAlone, P.4, P.4 - E.4) AS AmountIncrease",
        usable="true",
    )
    if question.aggregate is Aggregate.RATE:
        return statement("rates", pairs=pairs), question.until()
    value = "sum(Increase)" if of_sum else _OF_MEASUREMENTS[question.aggregate]
    return statement("increases", pairs=pairs, value=value), question.until()


def _bucketed(reader: Reader, question: _Question, buckets: Bucketed) -> _Found:
    pairs = statement(
        "pairs",
        points=question.points(buckets.columns),
        point=buckets.point,
        is_reset=buckets.is_reset,
        differences=buckets.differences,
        usable=buckets.usable,
    )
    rows = reader.query(statement(buckets.statement, pairs=pairs), question.until()).rows
    step, percentile = question.parameters["step"], 100 * question.share
    return _read(rows, lambda values: points_of(buckets.read(values, percentile), step))
