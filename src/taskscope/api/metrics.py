"""Metrics that were sent, their labels, and their values over time."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from taskscope.api.answers import answers
from taskscope.api.parameters import Cursor, End, Limit, Start, guarded, window_of
from taskscope.api.parts import Parts
from taskscope.config.times import parse_duration
from taskscope.model.metric_series import LabelValues, MetricAnswer, MetricPage
from taskscope.query.metrics.entries import list_metrics
from taskscope.query.metrics.labels import list_labels
from taskscope.query.metrics.range import range_query

_Name = Annotated[str, Query(description="Name of a metric.", min_length=1, max_length=1024)]
_Kind = Annotated[
    str,
    Query(
        description="`gauge`, `sum`, `histogram`, `exponential_histogram` or `summary`;"
        " needed only where a metric was sent as several.",
        max_length=32,
    ),
]
_Where = Annotated[
    list[str],
    Query(
        description="Condition on a label, as `label=value`, `!=`, `=~` or `!~` with a regular expression (RE2's)"
        " for the whole value. May be given several times: all have to hold.",
        max_length=20,
    ),
]


def metrics_router(parts: Parts) -> APIRouter:
    """Return the routes of metrics."""
    router = APIRouter(tags=["metrics"], dependencies=guarded(parts.readers))
    _add_lists(router, parts)
    _add_query(router, parts)
    return router


def _add_lists(router: APIRouter, parts: Parts) -> None:
    @router.get("/api/metrics", openapi_extra=answers(MetricPage))
    async def metrics(
        q: Annotated[
            str, Query(description="Part of the name, or a pattern with `*` and `?` for all of it.", max_length=1024)
        ] = "",
        service: Annotated[str, Query(description="Service that sent it.", max_length=512)] = "",
        start: Start = "-1h",
        end: End = "now",
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Response:
        """List the metrics that were sent, by name."""
        asked = partial(list_metrics, parts.reader, window_of(start, end, parts.clock), text=q, service=service)
        return await parts.answer(partial(asked, limit=limit, cursor=cursor))

    @router.get("/api/metrics/labels", openapi_extra=answers(LabelValues, listed="labels"))
    async def labels(
        name: _Name,
        kind: _Kind = "",
        label: Annotated[str, Query(description="Only this one.", max_length=1024)] = "",
        where: _Where = [],  # noqa: B006 (FastAPI copies it)
        start: Start = "-1h",
        end: End = "now",
        limit: Annotated[int, Query(description="How many values of each at most.", ge=1, le=1000)] = 20,
    ) -> Response:
        """List the labels of a metric, each with its values: those that most series have first."""
        asked = partial(list_labels, parts.reader, window_of(start, end, parts.clock), name=name, kind=kind)
        return await parts.answer(lambda: {"labels": asked(where=where, label=label, limit=limit)})


def _add_query(router: APIRouter, parts: Parts) -> None:
    @router.get("/api/metrics/query", openapi_extra=answers(MetricAnswer))
    async def query(
        name: _Name,
        kind: _Kind = "",
        agg: Annotated[
            str,
            Query(
                description="`avg`, `sum`, `min`, `max`, `last`, `count`, `rate`, `increase` or `percentile`;"
                " empty: what says most of this kind of metric.",
                max_length=32,
            ),
        ] = "",
        percentile: Annotated[float | None, Query(description="From 0 to 100; 95 by default.", ge=0, le=100)] = None,
        by: Annotated[
            list[str], Query(description="Label of whose values each has a series. May be given several times.")
        ] = [],  # noqa: B006 (FastAPI copies it)
        where: _Where = [],  # noqa: B006 (likewise)
        start: Start = "-1h",
        end: End = "now",
        step: Annotated[
            str, Query(description="Length of a step, as `1m`; empty: what gives about 120.", max_length=32)
        ] = "",
        limit: Limit = 20,
    ) -> Response:
        """
        Return a metric over time.

        Each step has one value for each series; steps without any are left out. Steps begin at multiples of their
        length, those at the ends are whole.
        """
        question = partial(
            range_query,
            parts.reader,
            window_of(start, end, parts.clock),
            name=name,
            kind=kind,
            aggregate=agg,
            step_ns=parse_duration(step) if step else 0,
            by=by,
            where=where,
            percentile=percentile,
            limit=limit,
            now_ns=parts.clock(),
        )
        return await parts.answer(question)
