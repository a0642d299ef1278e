"""Traces of any shape, for properties."""

from typing import Any

from hypothesis import strategies as st

from taskscope.model.span import Span
from tests.unit.query.trace.documents import span


@st.composite
def any_trace(draw: Any) -> list[Span]:
    """Draw a trace: parents may be missing or go round, ids be repeated, children begin before their parents."""
    ids = st.integers(1, 9)
    return [
        span(
            draw(ids),
            draw(st.integers(0, 11)),
            start=draw(st.integers(0, 60)),
            took=draw(st.integers(0, 60)),
            kind=draw(st.integers(0, 5)),
            service=draw(st.sampled_from(["web", "api", "stock"])),
            host=draw(st.sampled_from(["", "one", "two"])),
            in_progress=draw(st.integers(0, 7)) == 0,
            attributes=draw(st.sampled_from([{}, {"server.address": "pay.test"}, {"aws.xray.document": "embedded"}])),
        )
        for _ in range(draw(st.integers(1, 12)))
    ]
