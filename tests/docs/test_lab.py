"""docs/lab.md is what the lab does: its example runs, its tables are complete, its way to record a state works."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session

from taskscope.lab import threaded
from taskscope.lab.client.connection import DEFAULT_REGION
from taskscope.lab.client.watch import until
from taskscope.lab.machines.ssm import SsmService
from taskscope.lab.runner.environment import ALLOWED
from taskscope.lab.runner.preparation import _WITHOUT_EFFECT
from taskscope.lab.scenarios.catalog import image_marks, scenario_names
from taskscope.lab.state_file import read_state
from taskscope.lab.threaded import ThreadedAws
from taskscope.lab.xray.service import XRayService

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "lab.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def section(title: str) -> str:
    """Return what is below a heading of the second level."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text: str) -> dict[str, str]:
    """Return first and second cell of each row of the tables in a text, without backticks."""
    cells = [line.replace("`", "").strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {row[0]: row[1] for row in cells}


def names(text: str) -> set[str]:
    """Return what stands between backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


@pytest.fixture(scope="module")
def fast() -> Iterator[ThreadedAws]:
    """Give a lab in which health checks come five times as often as their definition says."""
    with threaded.embedded_aws(time_scale=0.2) as aws:
        yield aws


def call(aws: ThreadedAws, folder: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program as a user of the page does, in a folder of its own."""
    path = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(folder), "TZ": "UTC"}
    return subprocess.run(
        command, env=path | aws.environment | more, cwd=folder, capture_output=True, text=True, timeout=50, check=False
    )


@pytest.fixture(scope="module")
def hello(fast: ThreadedAws, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Run the page's example by the page's command; give cluster and id of its task."""
    folder = tmp_path_factory.mktemp("hello")
    (folder / "hello.json").write_text(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    done = call(fast, folder, str(BIN / "taskscope"), "lab", "run", "hello.json", "--wait")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[2:]


def test_example_runs_to_its_end(fast: ThreadedAws, hello: list[str], tmp_path: Path) -> None:
    """The job waits for the other container's health, gets its answer, and ends the task with 0."""
    shown = call(fast, tmp_path, str(BIN / "taskscope"), "trace", *hello).stdout.splitlines()

    assert any(line.endswith("CONTAINER:job\t200") for line in shown)
    assert any("CONTAINER:job\tSTOPPED (exit code: 0)" in line for line in shown)
    assert any("CONTAINER:api\tSTOPPED (exit code: 143)" in line for line in shown)


def test_recorded_state_shows_the_same_timeline(
    fast: ThreadedAws, hello: list[str], tmp_path: Path, embedded_aws: Callable[..., ThreadedAws]
) -> None:
    """What examples/record_state.py writes loads into another lab, where the task's whole timeline is the same."""
    script = str(ROOT / "examples" / "record_state.py")
    recorded = call(fast, tmp_path, sys.executable, script, *hello)
    assert recorded.stdout == "taskscope lab up --state state.json\n", recorded.stderr
    state = read_state(tmp_path / "state.json")
    replay = embedded_aws(states=[state], runner=False)

    trace = (str(BIN / "taskscope"), "trace", *hello, "--all")
    before = call(fast, tmp_path, *trace)
    after = call(replay, tmp_path, *trace, TASKSCOPE_NOW=state.clock.isoformat())
    assert after.stdout == before.stdout
    assert "CONTAINER:job\t200\n" in after.stdout
    assert (after.returncode, after.stderr) == (before.returncode, before.stderr)


def test_recorded_service_comes_with_its_events(fast: ThreadedAws, tmp_path: Path) -> None:
    """A service's task that still runs is recorded as well; a container without awslogs is said."""
    ecs = fast.client("ecs")
    container = {"name": "app", "image": "x", "memory": 32, "command": ["sleep", "60"]}
    ecs.create_cluster(clusterName="recorded")
    ecs.register_task_definition(family="sleeper", containerDefinitions=[container])
    ecs.create_service(cluster="recorded", serviceName="s", taskDefinition="sleeper", desiredCount=1)
    assert until(lambda: bool(ecs.list_tasks(cluster="recorded", serviceName="s")["taskArns"]), at_most=10)
    [arn] = ecs.list_tasks(cluster="recorded", serviceName="s")["taskArns"]
    done = call(fast, tmp_path, sys.executable, str(ROOT / "examples" / "record_state.py"), "recorded", arn)
    document = read_state(tmp_path / "state.json").document

    assert document["service"]["events"][-1]["message"].startswith("(service s) has started 1 tasks")
    assert document["logGroups"] == []
    assert done.stderr == f"container app: no log in CloudWatch Logs of {DEFAULT_REGION}\n"


def test_missing_task_is_said_in_a_line(fast: ThreadedAws, tmp_path: Path) -> None:
    """Exit code 1, no traceback, no file."""
    fast.client("ecs").create_cluster(clusterName="empty")
    script = str(ROOT / "examples" / "record_state.py")
    done = call(fast, tmp_path, sys.executable, script, "empty", "0" * 32)
    unknown = call(fast, tmp_path, sys.executable, script, "nowhere", "0" * 32)

    assert (done.returncode, unknown.returncode) == (1, 1)
    assert done.stderr.startswith("no task 0000")
    assert "ClusterNotFoundException" in unknown.stderr
    assert len(unknown.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_tables_of_operations_are_those_of_the_services(fast: ThreadedAws) -> None:
    """One row for each service; the failure gives the row to paste."""
    services = (
        fast.aws.ecs,
        fast.aws.logs,
        fast.aws.events,
        fast.aws.functions,
        XRayService(clock=lambda: 0),
        SsmService(clock=lambda: 0),
    )
    written = section("Services").splitlines()
    wrong = [row for each in services if (row := operations_row(each.name, each.operations)) not in written]

    if wrong:
        pytest.fail("\n".join(["replace these rows of the table in docs/lab.md, Services:", *wrong]), pytrace=False)


def operations_row(service: str, operations: Mapping[str, object]) -> str:
    """Return a row of the table."""
    return f"| {service} | {', '.join(f'`{name}`' for name in sorted(operations))} |"


def test_scenario_table_names_all_scenarios() -> None:
    """No more and no less, each with its seconds."""
    assert sorted(set(rows(section("Scenarios"))) - {"Name"}) == scenario_names()
    assert len(re.findall(r"\| \d+ \|$", section("Scenarios"), re.MULTILINE)) == len(scenario_names())


def test_every_member_of_a_definition_has_its_place() -> None:
    """What botocore's model has is in the tables, and what the runner says to be without effect is there as such."""
    model: Any = get_session().get_service_model("ecs")
    members = {*model.shape_for("ContainerDefinition").members}
    members |= set(model.operation_model("RegisterTaskDefinition").input_shape.members)
    said = next(line for line in PAGE.splitlines() if "no effect, said on the lab's stderr" in line)

    assert members - names(section("Running a task definition")) == set()
    assert names(said) == set(_WITHOUT_EFFECT)


def test_images_and_variables_are_named() -> None:
    """Every marked image, and every variable of this machine and of the lab that a container sees."""
    marks = image_marks(DEFAULT_REGION)

    assert {*marks.missing, *marks.denied, *marks.slow} == names(section("Images"))
    assert set(ALLOWED) <= names(section("What a container's environment holds"))


def test_exported_variables_are_those_of_a_container(fast: ThreadedAws) -> None:
    """The page lists all that ``lab up`` exports."""
    assert set(fast.environment) <= names(section("What a container's environment holds"))


def test_example_is_a_definition_for_fargate() -> None:
    """It is plain JSON, with two containers, dependency, health check and logs."""
    first, second = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])["containerDefinitions"]

    assert first["healthCheck"]
    assert second["dependsOn"] == [{"containerName": first["name"], "condition": "HEALTHY"}]
    assert {each["logConfiguration"]["logDriver"] for each in (first, second)} == {"awslogs"}
