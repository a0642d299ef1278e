"""`taskscope store` opens the store itself where no server runs."""

import json
import subprocess
import sys
from pathlib import Path

from tests.e2e.conftest import clean_environment
from tests.e2e.store.conftest import Store

_TASKSCOPE = Path(sys.executable).parent / "taskscope"

_RECORD = """
import sys
from taskscope.store.engine import open_store
with open_store(sys.argv[1]) as store:
    store.execute("INSERT INTO otel.schema_migrations (Version, Name) VALUES (9999, 'later')")
"""
"""What a newer Taskscope leaves behind."""


def test_where_there_is_nothing_that_is_said(store: Store, tmp_path: Path) -> None:
    """Exit code 3, with what makes a store; and none is made by looking."""
    result = store("stats", data=tmp_path / "none")

    assert result.returncode == 3
    assert "taskscope serve" in result.stderr
    assert not (tmp_path / "none").exists()


def test_a_store_without_a_server_is_made_asked_and_tended(store: Store, tmp_path: Path) -> None:
    """Everything that works with a server works without; a statement may come from stdin."""
    made = store("migrate", data=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "otel_logs" in made.stdout.splitlines()

    asked = subprocess.run(
        [_TASKSCOPE, "store", "sql", "-", "--output", "json", "--data-dir", tmp_path],
        input="SELECT count() AS n FROM otel_logs\n",
        capture_output=True,
        text=True,
        env=clean_environment({}),
        timeout=50,
        check=False,
    )
    assert json.loads(asked.stdout) == [{"n": 0}], asked.stderr
    assert store("check", data=tmp_path).returncode == 0
    assert store("purge", "traces", "--before", "2026-01-01", "--yes", data=tmp_path).returncode == 0


def test_a_newer_schema_is_left_alone(store: Store, tmp_path: Path) -> None:
    """The path and the remedy are told."""
    store("migrate", data=tmp_path)
    subprocess.run([sys.executable, "-c", _RECORD, f"chdb://{tmp_path}/store"], check=True, timeout=50)

    for arguments in (["stats"], ["sql", "SELECT 1"], ["migrate"], ["purge", "logs", "--before", "7d", "--yes"]):
        result = store(*arguments, data=tmp_path)
        assert result.returncode == 1, result
        assert f"{tmp_path}/store" in result.stderr
        assert "9999" in result.stderr
