"""The planner's SQL means what the evaluator says."""

from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from taskscope.model.span import Span
from taskscope.query.search.ast import Expression
from taskscope.query.search.evaluate import matches
from taskscope.query.search.plan import plan
from taskscope.query.search.source import source
from taskscope.store.engine import Store
from tests.unit.query.search.any_trace import any_expression, any_trace, as_read
from tests.unit.query.search.keeping import keep

_numbers = count(1)
_TRACES = 8


def _keep(store: Store, traces: list[list[Span]]) -> dict[str, list[Span]]:
    """Store traces under ids of their own, and return them by these."""
    named = {}
    for spans in traces:
        trace_id = next(_numbers).to_bytes(16)
        named[trace_id.hex()] = [span._replace(trace_id=trace_id) for span in spans]
    keep(store, (span for spans in named.values() for span in spans))
    return named


def _found(store: Store, expression: Expression, ids: list[str]) -> tuple[set[str], set[str]]:
    """Return the traces that the plan finds, and those of them that have a row which meets ``where``."""
    condition = plan(expression)
    ids_are = "lower(hex(TraceId)) IN {ids:Array(String)}"
    parameters = {**condition.parameters, "ids": ids}

    def asked(rows: str, tail: str) -> set[str]:
        return {name for (name,) in store.query(f"SELECT lower(hex(TraceId)) FROM {rows} {tail}", parameters).rows}  # noqa: S608 (our own plan)

    found = asked(source(ids_are, asked=condition.having, alone=True), f"GROUP BY TraceId HAVING {condition.having}")
    evident = asked(source(ids_are, asked=condition.where), f"WHERE {condition.where or 1} GROUP BY TraceId")
    return found, found & evident


@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_a_plan_finds_what_the_evaluator_finds(store: Store, data: Any) -> None:
    """Any expression finds the same traces in the store as in memory; its evidence leaves none of them out."""
    named = _keep(store, [data.draw(any_trace(bytes(16))) for _ in range(_TRACES)])
    for _ in range(4):
        expression = data.draw(any_expression)
        expected = {name for name, spans in named.items() if matches(expression, as_read(spans))}

        found, with_evidence = _found(store, expression, list(named))

        assert found == expected
        assert with_evidence == expected
