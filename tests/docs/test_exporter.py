"""docs/exporter.md is what the exporter does: its examples run, its tables are complete."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from taskscope import ports
from taskscope.exporter.command import exporter as command
from taskscope.exporter.own import Own
from taskscope.exporter.scrape import MAX_SECONDS
from taskscope.exporter.server import handler, listener
from taskscope.exporter.web_config.read import read_web_config
from taskscope.exporter.web_config.tls import tls_context
from taskscope.lab.threaded import ThreadedAws
from tests.e2e.exporter.process import exporter
from tests.unit.exporter.certificates import Authority

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "exporter.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def _section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _first_cells(text: str) -> set[str]:
    cells = [line.split(" | ")[0].strip("| ") for line in text.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_make_run_is_the_exporter_with_its_mock() -> None:
    """In a checkout that is set up."""
    shown = subprocess.run(
        ["make", "--no-print-directory", "-n", "run"], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True
    )

    assert shown.stdout.splitlines()[-1].endswith("bin/taskscope exporter --mock")


def _typed(page: str) -> list[str]:
    """Return what a page shows as typed against ``make run``, each with what it prints."""
    [block] = re.findall(
        r"^<!-- runs against: make run -->\n+```console\n(.*?)^```",
        (ROOT / page).read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    return re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("page", ["README.md", "docs/exporter.md"])
def test_what_is_typed_prints_what_is_shown(page: str) -> None:
    """Against what ``make run`` starts, on ports that are free."""
    with exporter("--mock", "--mock-port", "0") as process:
        mock = process.line("listening")["endpoint"].split("/")[2].rpartition(":")[2]
        for step in _typed(page):
            typed, _, expected = step.partition("\n")
            here = typed.replace(f":{ports.EXPORTER}", f":{process.port}").replace(
                f":{ports.MOCK_METADATA}", f":{mock}"
            )
            printed = subprocess.run(
                ["bash", "-c", here], capture_output=True, text=True, timeout=20, check=False, env=dict(os.environ)
            )
            assert printed.stdout.rstrip("\n") == expected.rstrip("\n"), typed
        assert process.end() == 0


def test_task_definition_runs(aws: ThreadedAws) -> None:
    """As it stands, but for the commands of images that this machine has not."""
    definition = json.loads(_block("json"))
    [app, sidecar] = definition["containerDefinitions"]
    app["command"] = ["sleep", "60"]
    sidecar["entryPoint"] = [str(Path(sys.executable).parent / "taskscope")]
    ecs = aws.client("ecs")
    registered = ecs.register_task_definition(**definition, executionRoleArn="arn:aws:iam::123456789012:role/x")

    assert registered["taskDefinition"]["compatibilities"] == ["EC2", "FARGATE"]
    assert [each["containerPort"] for each in sidecar["portMappings"]] == [ports.EXPORTER]


def test_web_configuration_can_be_read(tmp_path: Path) -> None:
    """With the files that it names."""
    authority = Authority(tmp_path)
    authority.sign("server")
    (tmp_path / "web.yml").write_text(_block("yaml"))
    config = read_web_config(tmp_path / "web.yml")

    assert config.tls is not None
    assert tls_context(config.tls).get_ca_certs()
    assert list(config.users) == ["prometheus"]
    assert config.rate_limit is not None


@pytest.mark.parametrize("option", [each for each in command.params if isinstance(each, click.Option)], ids=str)
def test_every_option_is_told(option: click.Option) -> None:
    """By all of its names."""
    assert set(option.opts) <= _first_cells(_section("Options"))


def test_no_other_option_is_told() -> None:
    """Paths are in the same section."""
    told = {each for each in _first_cells(_section("Options")) if each.startswith("--")}

    assert told == {name for each in command.params for name in each.opts}


def test_own_metrics_are_those_that_there_are() -> None:
    """Ours by name, those of the process by their beginning."""
    own = Own(answers=lambda: {200: 1}, readings=lambda: {True: 1, False: 0})
    names = {sample.name for family in own.collect() for sample in family.samples}
    ours = {each for each in names if each.startswith("taskscope_")}

    assert {each.partition("_")[0] + "_*" for each in names - ours} | ours == _first_cells(
        _section("What it says of itself")
    )


def test_numbers_are_those_of_the_code() -> None:
    """Times and bounds."""
    wrong = _section("When something is wrong")

    assert f"after {MAX_SECONDS:g} s at most" in wrong
    assert f"a request has {handler.REQUEST_SECONDS:g} s" in wrong
    assert f"a new connection {handler.FIRST_SECONDS:g} s" in wrong
    assert f"a kept one {handler.IDLE_SECONDS:g} s" in wrong
    assert f"beyond {listener.MAX_CONNECTIONS} connections" in wrong
