"""docs/api.md is what the routes say of themselves."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "docs" / "generate_api.py"
REMEDY = "docs/api.md is not what the routes say: run `make reference` (it runs docs/generate_api.py)"


def test_page_is_up_to_date() -> None:
    """Every route, its parameters, its documents; the failure says how to write the page again."""
    if subprocess.run([sys.executable, SCRIPT, "--check"], timeout=30, check=False).returncode:
        pytest.fail(REMEDY, pytrace=False)
