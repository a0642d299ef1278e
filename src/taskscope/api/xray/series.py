"""GetTimeSeriesServiceStatistics: figures of services or of connections, step by step."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from taskscope.api.parts import Parts
from taskscope.api.xray.errors import AwsError
from taskscope.api.xray.graph import histogram_of, summary_of
from taskscope.api.xray.reading import group_expression
from taskscope.api.xray.summaries import window_of
from taskscope.clock import SECOND
from taskscope.model.service_map import CLIENT
from taskscope.query.search.ast import Edge, Everything, Selector, Service
from taskscope.query.search.parse import parse
from taskscope.query.series import Step, edge_steps, service_steps

_PERIODS: Final = (60, 300)
_ID: Final = re.compile(r"\s*id\s*\(.*\)\s*", re.IGNORECASE | re.DOTALL)


class SeriesOperation:
    """
    GetTimeSeriesServiceStatistics.

    Without a selector: of what clients asked of the services where traces begin, as AWS shows it for a group.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, given: dict[str, Any]) -> dict[str, Any]:
        """Answer all steps on one page; of a group those of its newest thousand traces."""
        parts = self._parts
        period = given.get("Period", _PERIODS[0])
        if period not in _PERIODS:
            raise AwsError(f"Period must be one of {', '.join(map(str, _PERIODS))}")
        selected = _selected(given.get("EntitySelectorExpression", ""))
        bounds: dict[str, Any] = {
            "step_ns": period * SECOND,
            "expression": group_expression(given, parts),
            "groups": parts.xray.expressions(),
            "now_ns": parts.clock(),
        }
        if isinstance(selected, Service):
            member, ask = "ServiceSummaryStatistics", partial(service_steps, selected=selected.selector)
        elif isinstance(selected, Edge):
            member, ask = "EdgeSummaryStatistics", partial(edge_steps, source=selected.source, target=selected.target)
        else:
            member, ask = "EdgeSummaryStatistics", partial(edge_steps, source=Selector(type=CLIENT), target=Selector())
        steps: Sequence[Step] = await parts.workers.call(partial(ask, parts.reader, window_of(given), **bounds))
        return {
            "TimeSeriesServiceStatistics": [_step(each, member) for each in steps],
            "ContainsOldGroupVersions": False,
        }


def _selected(expression: str) -> Everything | Service | Edge:
    """
    Read an EntitySelectorExpression: one service(), edge() or id().

    Raises:
        AwsError: It is something else.
        UsageError: It does not read.
    """
    selected = parse(f"service({expression})" if _ID.fullmatch(expression) else expression)
    if not isinstance(selected, Everything | Service | Edge):
        raise AwsError("EntitySelectorExpression is one service(), one edge() or one id()")
    if not isinstance(selected, Everything) and selected.inside is not None:
        raise AwsError("EntitySelectorExpression selects by name and type, not by braces")
    return selected


def _step(step: Step, member: str) -> dict[str, Any]:
    return {
        "Timestamp": step.start_ns,
        member: summary_of(step.statistics),
        "ResponseTimeHistogram": histogram_of(step.statistics),
    }
