"""SQL of traces from files: what a filter asks and which rows are meant is put in."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template
from typing import Final

from taskscope.query.search.overview import Grouping
from taskscope.query.search.plan import DURATION, Condition
from taskscope.query.search.root import of_root
from taskscope.query.search.row import ARN, INSTANCE_ID, SENDER, ZONE_NAME
from taskscope.query.search.source import UNNAMED, source
from taskscope.store.statements import LATEST_NS

_MINUTE_NS: Final = 60_000_000_000
LOOK_BACK_NS: Final = _MINUTE_NS
"""Before a slice: spares most of the traces that began earlier the check by all of their spans."""
LOOK_AHEAD_NS: Final = 10 * _MINUTE_NS
"""After a slice: what its traces are found by. Ten minutes cost 40 ms where there are 10 M spans an hour."""
REACH_NS: Final = 60 * _MINUTE_NS
"""Around the begin of a trace: all of its spans. A trace that is longer may be taken for two."""
VALUES: Final[Mapping[str, str]] = {"time": "start", "duration": DURATION}
"""What lists of traces are ordered by."""
ROOT: Final = (
    "SpanName", "NodeName", "NodeType", "Outcome", "Duration", "HttpMethod", "HttpUrl", "HttpStatus", "UserAgent",
    "ClientIp", "HasParent",
)  # fmt: skip
_TIME: Final = (
    "Timestamp >= fromUnixTimestamp64Nano({{{first}:Int64}}) AND Timestamp <= fromUnixTimestamp64Nano({{{last}:Int64}})"
)
_NEAR: Final = _TIME.format(first="near_first", last="near_last")

_BEGINS: Final = "Timestamp >= fromUnixTimestamp64Nano({lower:Int64})"
_ENDS: Final = "Timestamp <= fromUnixTimestamp64Nano({upper:Int64})"
HAS_IN_PROGRESS: Final = f"SELECT 1 FROM spans_in_progress WHERE {_NEAR} LIMIT 1"  # noqa: S608 (parameters)
HAS_UNNAMED: Final = f"""
SELECT 1 FROM spans_by_minute
WHERE {UNNAMED} AND Minute >= toStartOfMinute(fromUnixTimestamp64Nano({{near_first:Int64}}))
    AND Minute <= fromUnixTimestamp64Nano({{near_last:Int64}})
LIMIT 1
UNION ALL
SELECT 1 FROM spans_in_progress WHERE {UNNAMED} AND {_NEAR} LIMIT 1
"""  # noqa: S608 (parameters)
HAS_LATER: Final = (
    "SELECT 1 FROM spans WHERE Timestamp > fromUnixTimestamp64Nano({upper:Int64}) "
    "AND Timestamp <= fromUnixTimestamp64Nano({near_last:Int64}) LIMIT 1"
)
_BEFORE_END: Final = "Timestamp >= fromUnixTimestamp64Nano({before_end:Int64})"


def near(lower_ns: int, upper_ns: int, *, back_ns: int = LOOK_BACK_NS, ahead_ns: int = LOOK_AHEAD_NS) -> dict[str, int]:
    """Return the parameters of a slice, and of the time in which the rows of traces that begin in it are looked for."""
    return {
        "lower": lower_ns,
        "upper": upper_ns,
        "near_first": max(0, lower_ns - back_ns),
        "near_last": min(upper_ns + ahead_ns, LATEST_NS),
        "before_end": max(0, upper_ns - LOOK_AHEAD_NS),
    }


def hits(evidence: str, *, in_progress: bool, has_later: bool) -> str:
    """
    Write the statement that finds the ids of traces with evidence in a slice: once each, by the first row of it.

    With ``has_later`` evidence after the slice counts too, of traces that have rows at the slice's end.
    """
    time = _NEAR
    if has_later:
        there = source(f"{_BEFORE_END} AND {_ENDS}", asked="", in_progress=in_progress)
        time += f" AND ({_ENDS} OR TraceId GLOBAL IN (SELECT TraceId FROM {there}))"  # noqa: S608 (values are parameters)
    rows = source(time, asked=evidence, in_progress=in_progress)
    return _file("find_hits").substitute(rows=rows, evidence=evidence)


def candidates(condition: Condition, value: str, *, in_progress: bool, alone: bool, is_short: bool) -> str:
    """
    Write the statement that finds the ids of traces which begin in a slice.

    Of a short one the traces that have rows in it are found first: what lies after it is long beside it, and is then
    read for these alone.
    """
    among = "1"
    if is_short or not condition.where:
        there = source(f"{_BEGINS} AND {_ENDS}", asked="", in_progress=in_progress)
        among = f"TraceId GLOBAL IN (SELECT TraceId FROM {there})"  # noqa: S608 (values are parameters)
    meant = _with_evidence(condition, in_progress=in_progress, among=among)
    rows = source(f"{_NEAR} AND {meant}", asked=condition.having, in_progress=in_progress, alone=alone)
    return _file("find_traces").substitute(value=VALUES[value], rows=rows, having=condition.having)


def summaries(condition: Condition, *, in_progress: bool, alone: bool) -> str:
    """Write the statement that sums up traces by their ids, and checks them with all of their spans."""
    named = f"lower(hex(TraceId)) IN {{ids:Array(String)}} AND {_NEAR}"  # the other way round takes a quarter longer
    statement = Template(
        _file("sum_up_traces").safe_substitute(
            duration=DURATION,
            root=of_root(f"({', '.join(ROOT)})"),
            root_parent=of_root("ParentSpanId"),
            sender=SENDER,
            arn=ARN,
            instance=INSTANCE_ID,
            zone=ZONE_NAME,
            having=condition.having.replace("$", "$$"),  # it is substituted once more
        )
    )
    rows = source(named, asked=statement.template, in_progress=in_progress, alone=alone)
    return statement.substitute(rows=rows)


def overview(condition: Condition, wanted: Grouping, *, in_progress: bool, alone: bool) -> str:
    """Write the statement that groups the traces of a window by values of theirs."""
    root = f"(Outcome, Duration, {wanted.of_root})"
    meant = f"{_NEAR} AND {_with_evidence(condition, in_progress=in_progress)}"
    asked = f"{root} {wanted.values} {condition.having} IsEntry HasParent"
    rows = source(meant, asked=asked, in_progress=in_progress, alone=alone)
    return _file("group_traces").substitute(
        root=of_root(root), values=wanted.values, rows=rows, having=condition.having
    )


def _with_evidence(condition: Condition, *, in_progress: bool, among: str = "1") -> str:
    """Ask that a row is of a trace with evidence, if some is known, from the slice's beginning on."""
    if not condition.where:
        return among
    rows = source(f"{_NEAR} AND {_BEGINS} AND {among}", asked=condition.where, in_progress=in_progress)
    return f"TraceId GLOBAL IN (SELECT TraceId FROM {rows} WHERE {condition.where})"  # noqa: S608 (parameters)


@cache
def _file(name: str) -> Template:
    return Template((files("taskscope.query") / "sql" / f"{name}.sql").read_text(encoding="utf-8"))
