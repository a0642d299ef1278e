"""How the server stops while it is asked something."""

import subprocess
import sys
from pathlib import Path

from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import clean_environment

_TASKSCOPE = Path(sys.executable).parent / "taskscope"
_LONG = "SELECT count() FROM numbers(1e12) WHERE sipHash64(number) = 1"


def test_a_stop_does_not_wait_for_a_long_question(tmp_path: Path) -> None:
    """It is ended and its asker told so; else the engine would close after it, and the process be killed meanwhile."""
    with Collector(tmp_path) as server:
        question = subprocess.Popen(
            [_TASKSCOPE, "store", "sql", _LONG, "--timeout", "60s", "--data-dir", server.data],
            env=clean_environment({}),
            stderr=subprocess.PIPE,
            text=True,
        )
        server.until_sql("SELECT count() FROM system.processes WHERE query LIKE 'SELECT count() FROM numbers%'", [[1]])
        server.stop(within=10)
        _, said = question.communicate(timeout=10)

    assert question.returncode == 5, said
    assert "killed" not in server.log()
