from pathlib import Path

import botocore.session
import pytest
from botocore.validate import validate_parameters

from taskscope.errors import UsageError
from taskscope.lab.scenarios.catalog import PROGRAMS, fill, image_marks, load_scenario, scenario_names

NAMES = [
    "bad-deployment", "batch-job", "crash-loop", "failing-health-check",
    "healthy-web", "ignores-sigterm", "image-typo", "otel-workshop", "out-of-memory",
]  # fmt: skip


def test_the_nine_scenarios_are_shipped() -> None:
    """Each scenario of the blueprint has its folder."""
    assert scenario_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_reads_and_its_definitions_fit_the_api(name: str) -> None:
    """All members are known, each step's definition exists, and ECS would accept it as far as its model says."""
    scenario = load_scenario(name, region="eu-west-1")
    request = botocore.session.Session().get_service_model("ecs").shape_for("RegisterTaskDefinitionRequest")

    assert scenario.shows
    if scenario.played_by == "api":
        assert {step.definition for step in scenario.steps if step.definition} == set(scenario.definitions)
    for definition in scenario.definitions.values():
        validate_parameters(definition, request)


@pytest.mark.parametrize("name", NAMES)
def test_placeholders_are_filled_in(name: str) -> None:
    """Programs exist on this machine, logs go to the region of the run, and no placeholder is left."""
    scenario = load_scenario(name, region="eu-west-1")

    for definition in scenario.definitions.values():
        assert "{programs}" not in str(definition)
        assert "{region}" not in str(definition)
        for container in definition["containerDefinitions"]:
            line = scenario.images.entry_points.get(container["image"], container["command"])
            assert Path(line[1]).parent == PROGRAMS
            assert Path(line[1]).is_file()
            assert container["logConfiguration"]["options"]["awslogs-region"] == "eu-west-1"


def test_every_program_is_used() -> None:
    """No program is shipped that no scenario runs."""
    used = str([load_scenario(name, region="us-east-1") for name in NAMES])

    assert [file.name for file in PROGRAMS.glob("*.py") if str(file) not in used] == []


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    """A slip in the name is an error with a hint."""
    with pytest.raises(UsageError) as caught:
        load_scenario("out-of-memroy", region="us-east-1")

    assert caught.value.hint == "did you mean out-of-memory?"


def test_a_strange_name_is_answered_with_the_list() -> None:
    """What resembles no scenario is answered with the way to see all."""
    with pytest.raises(UsageError) as caught:
        load_scenario("zzz", region="us-east-1")

    assert "--list" in str(caught.value)


def test_the_marks_of_all_scenarios_are_known_before_one_is_run() -> None:
    """The runner's catalog is built from the scenarios' data."""
    assert image_marks("us-east-1").missing == ("shop/thumbnials:latest",)


def test_fill_reaches_every_string() -> None:
    """Strings in lists and objects are filled; other values stay."""
    assert fill({"a": ["{x}/b", 1, None], "{x}": True}, {"{x}": "y"}) == {"a": ["y/b", 1, None], "{x}": True}
