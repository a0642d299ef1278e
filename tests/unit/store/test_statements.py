"""The schema's files: all named, in order, and what is made of them is pinned."""

import re
from pathlib import Path

import pytest

from taskscope.store.cluster import Cluster
from taskscope.store.statements import schema

_SNAPSHOTS = Path(__file__).parents[2] / "snapshots"


def _rendered() -> list[str]:
    return [each.render(database="otel", writers="otel_writers") for each in schema()]


def test_every_file_has_one_statement() -> None:
    """A file is comments and one statement that changes nothing when it runs again; no name is left open."""
    for statement in schema():
        text = statement.render(database="d", writers="w")
        body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
        assert body.startswith(("CREATE ", "ALTER TABLE ")), statement.name
        assert " IF NOT EXISTS " in body.splitlines()[0]
        assert ";" not in body
        assert not re.search(r"\$[a-z{]", text)


def test_every_table_remembers_tokens_and_forgets_parts() -> None:
    """Each table that keeps rows has a window of tokens of its own, and drops replaced parts within seconds."""
    kept = [text for text in _rendered() if "MergeTree" in text]

    assert len(kept) == 21
    for text in kept:
        assert "non_replicated_deduplication_window = 10000" in text
        assert "old_parts_lifetime = 10" in text


@pytest.mark.parametrize(
    ("name", "cluster"),
    [("store_schema", None), ("store_schema_cluster", Cluster("main"))],
)
def test_generated_sql(name: str, cluster: Cluster | None) -> None:
    """The statements are those of the golden file; delete the file to write it anew."""
    statements = [each for text in _rendered() for each in (cluster.variants(text) if cluster else [text])]
    text = "\n".join(f"{each.strip()};\n" for each in statements)
    golden = _SNAPSHOTS / f"{name}.sql"
    if not golden.exists():
        golden.write_text(text)

    assert text == golden.read_text()


def test_cluster_keeps_rows_in_replicated_tables() -> None:
    """On a cluster every table that keeps rows is replicated with a distributed one before it, and says ON CLUSTER."""
    statements = [each for text in _rendered() for each in Cluster("main").variants(text)]

    assert sum("ENGINE = Replicated" in each for each in statements) == 21
    assert sum("ENGINE = Distributed" in each for each in statements) == 21
    assert all("ON CLUSTER `main`" in each for each in statements)
    [rollup] = [each for each in statements if "spans_to_minutes" in each]
    assert "TO `otel`.spans_by_minute_local" in rollup
    assert "FROM `otel`.spans_local" in rollup
    altered = [each.partition("\n")[0] for each in statements if each.startswith("ALTER") or "\nALTER" in each]
    assert len(altered) == 10, altered
    of_metrics = [each for each in statements if "_to_usage" in each]
    assert len(of_metrics) == 2
    assert all("TO `otel`.usage_by_minute_local\nAS" in each for each in of_metrics)
    assert [name for name in ("gauge", "sum") if f"FROM `otel`.otel_metrics_{name}_local" in "".join(of_metrics)] == [
        "gauge", "sum",
    ]  # fmt: skip
    [view] = [each for each in statements if "otel_traces ON CLUSTER" in each and "CREATE VIEW" in each]
    assert view.rstrip().endswith("FROM `otel`.spans")
