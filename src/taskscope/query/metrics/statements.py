"""The SQL of metrics: files under ``query/sql/metrics``, with tables and labels put in."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template
from typing import Final

from taskscope.model.metric import MetricKind

TABLES: Final[Mapping[str, str]] = {kind.value: f"otel_metrics_{kind}" for kind in MetricKind}


@cache
def _template(name: str) -> Template:
    return Template((files("taskscope.query") / "sql" / "metrics" / f"{name}.sql").read_text(encoding="utf-8"))


def statement(name: str, **parts: str) -> str:
    """Return a statement; ``parts`` are SQL with values bound."""
    return _template(name).substitute(**parts)
