"""docs/cli.md is what the commands say of themselves."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from taskscope.app.components import SETTINGS
from taskscope.cli.commands import COMMANDS
from taskscope.cli.main import cli, load

ROOT = Path(__file__).parents[2]
REMEDY = "docs/cli.md is not what the commands say: run `make reference` (or .venv/bin/python docs/generate_cli.py)"


def _load(script: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(script, ROOT / "docs" / f"{script}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """Load the script that writes the page."""
    return _load("generate_cli")


@pytest.fixture(scope="module")
def of_settings() -> set[str]:
    """Give the variables of all settings, which stand in docs/settings.md."""
    options = _load("generate_settings").all_options(SETTINGS)
    return {name for option in options for name in option.env}


def _options(command: click.Command) -> list[click.Parameter]:
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return [*command.params, *(each for child in below for each in _options(child))]


def test_page_is_up_to_date() -> None:
    """
    Every command, option, exit code and variable; the failure says how to write the page again.

    In a process of its own: a command keeps the help option of the first context that it was called in.
    """
    script = ROOT / "docs" / "generate_cli.py"
    if subprocess.run([sys.executable, script, "--check"], timeout=30, check=False).returncode:
        pytest.fail(REMEDY, pytrace=False)


def test_every_command_has_its_help(generator: ModuleType) -> None:
    """Those of the table, and what is below them; each says what it does."""
    found = dict(generator.commands())

    assert {f"taskscope {name}" for name in COMMANDS} <= found.keys()
    assert {
        "taskscope lab up",
        "taskscope lab run",
        "taskscope lab scenario",
        "taskscope lambda package",
    } <= found.keys()
    assert found["taskscope"].startswith("Usage: taskscope [OPTIONS] COMMAND")


def test_summary_of_the_table_is_that_of_no_other_command() -> None:
    """``--help`` lists what the table says; a summary that is empty or given twice says nothing."""
    summaries = [each.summary for each in COMMANDS.values()]

    assert len(set(summaries)) == len(summaries)
    assert all(each.endswith(".") for each in summaries)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name: str) -> None:
    """No option without help."""
    silent = [
        each.name for each in _options(load(name, COMMANDS[name])) if isinstance(each, click.Option) and not each.help
    ]

    assert silent == []


def test_every_variable_is_documented(generator: ModuleType, of_settings: set[str]) -> None:
    """Those of options, and all of ours that the sources name: on this page, or as a setting on that of settings."""
    options = [each for name in COMMANDS for each in _options(load(name, COMMANDS[name]))]
    set_by = {each.envvar for each in [*options, *cli.params] if isinstance(each.envvar, str)}
    sources = [each.read_text(encoding="utf-8") for each in (ROOT / "src" / "taskscope").rglob("*.py")]
    named = {name for text in sources for name in re.findall(r"\b(?:TASKSCOPE|TRACER)_[A-Z]+(?:_[A-Z]+)*\b", text)}

    documented = generator._VARIABLES.keys() | of_settings
    assert generator._VARIABLES.keys().isdisjoint(of_settings)
    assert set_by <= documented
    assert named - documented - {"TASKSCOPE_COMPLETE", "_TASKSCOPE_COMPLETE"} == set()
