"""The SAM template and the Terraform module: well formed, in agreement with the policies and with each other."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml  # type: ignore[import-untyped]  # it ships no types

from taskscope.aws.iam_policies import policy
from taskscope.aws.iam_scope import Scope
from taskscope.cli.function.archive import HANDLER
from taskscope.lab.events.pattern import compile_pattern

_FOLDER = Path(__file__).parents[2] / "deploy" / "lambda"
_REGION, _ACCOUNT, _FUNCTION = "eu-west-1", "123456789012", "taskscope"
_TOPIC = f"arn:aws:sns:{_REGION}:{_ACCOUNT}:reports"
_DEAD_LETTERS = f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:failures"
_SETTINGS = {"TASKSCOPE_DURATION", "TASKSCOPE_SNS", "TASKSCOPE_STDOUT"}


_VALUES = {
    "TopicArn": _TOPIC,
    "FunctionName": _FUNCTION,
    "ClusterArn": f"arn:aws:ecs:{_REGION}:{_ACCOUNT}:cluster/demo",
    "DeadLetters.Arn": _DEAD_LETTERS,
    "AWS::Partition": "aws",
    "AWS::Region": _REGION,
    "AWS::AccountId": _ACCOUNT,
}


def _resolve(value: Any, *, conditions: bool) -> Any:
    """Resolve intrinsic functions with all conditions true or false."""
    if isinstance(value, list):
        resolved = [_resolve(item, conditions=conditions) for item in value]
        return [item for item in resolved if item != "AWS::NoValue"]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Fn::If": [_, yes, no]}:
            return _resolve(yes if conditions else no, conditions=conditions)
        case {"Ref": name}:
            return _VALUES.get(name, name)
        case {"Fn::GetAtt": [name, attribute]}:
            return _VALUES[f"{name}.{attribute}"]
        case {"Fn::Sub": text}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: _VALUES[found[1]], text)
    return {name: _resolve(item, conditions=conditions) for name, item in value.items()}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """Give the template as a document."""
    loaded: dict[str, Any] = json.loads(json.dumps(cfn_yaml.load(str(_FOLDER / "template.yaml"))))
    return loaded


@pytest.fixture(scope="module")
def terraform() -> str:
    """Give the module's main file as text, without comments."""
    return re.sub(r"(?m)#.*$", "", (_FOLDER / "main.tf").read_text(encoding="utf-8"))


def _expected(*, optional: bool) -> dict[str, Any]:
    arns = {"topic_arn": _TOPIC, "dead_letter_arn": _DEAD_LETTERS} if optional else {}
    return policy(["lambda"], Scope(_ACCOUNT, _REGION, _FUNCTION, **arns))


def _normal(document: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted((dict(statement) for statement in document["Statement"]), key=lambda statement: str(statement["Sid"]))


def test_template_passes_cfn_lint() -> None:
    """cfn-lint finds nothing, hints included."""
    linter = Path(sys.executable).with_name("cfn-lint")

    done = subprocess.run(
        [linter, "--include-checks", "I", "--", _FOLDER / "template.yaml"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize("optional", [True, False])
def test_role_of_the_template_is_the_printed_policy(template: dict[str, Any], optional: bool) -> None:  # noqa: FBT001 (a parameter of pytest)
    """With topic and queue and without, the role may do exactly what ``taskscope iam-policy lambda`` prints."""
    [inline] = template["Resources"]["Role"]["Properties"]["Policies"]

    document = _resolve(inline["PolicyDocument"], conditions=optional)

    assert _normal(document) == _normal(_expected(optional=optional))


def test_policy_of_the_module_is_the_printed_policy(terraform: str) -> None:
    """The Terraform module's statements have the same names, actions and resources."""
    found = re.search(r'(?s)data "aws_iam_policy_document" "taskscope" \{(.*?)\n\}', terraform)
    assert found is not None
    text = found[1].replace("${local.partition}", "aws").replace("${local.place}", f"{_REGION}:{_ACCOUNT}")
    text = text.replace("${var.function_name}", _FUNCTION)
    blocks = re.findall(r'(?s)sid\s+= "(\w+)"\s+actions\s+= \[(.*?)\]\s+resources\s+= \[(.*?)\]', text)
    dynamic = {"statement.value": f'"{_TOPIC}"', "statement.value.arn": f'"{_DEAD_LETTERS}"'}

    statements = {
        sid: (re.findall(r'"([^"]+)"', actions), re.findall(r'"([^"]+)"', dynamic.get(resources, resources)))
        for sid, actions, resources in blocks
    }

    expected = {
        statement["Sid"]: (
            statement["Action"],
            statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]],
        )
        for statement in _expected(optional=True)["Statement"]
    }
    assert statements == expected


def test_module_names_no_other_action(terraform: str) -> None:
    """Beside the policy only trust, the rule's permission and the queue's policy name actions."""
    expected = {action for statement in _expected(optional=True)["Statement"] for action in statement["Action"]}

    named = set(re.findall(r'"((?:ecs|logs|sns|sqs|sts|lambda|iam|kms|s3):\w+)"', terraform))

    assert named == expected | {"sts:AssumeRole", "lambda:InvokeFunction"}


def test_both_set_the_same_function(template: dict[str, Any], terraform: str) -> None:
    """Handler, runtime, architecture and variables are the same in both."""
    function = template["Resources"]["Function"]["Properties"]

    assert function["Handler"] == HANDLER
    assert f'handler          = "{HANDLER}"' in terraform
    assert f'runtime          = "{function["Runtime"]}"' in terraform
    assert f'architectures    = ["{function["Architectures"][0]}"]' in terraform
    assert set(function["Environment"]["Variables"]) == _SETTINGS
    assert set(re.findall(r"TASKSCOPE_\w+", terraform)) == _SETTINGS


@pytest.mark.parametrize("narrowed", [True, False])
def test_rule_takes_stopped_tasks(template: dict[str, Any], narrowed: bool) -> None:  # noqa: FBT001 (a parameter of pytest)
    """The rule matches the sample event, not the one before it, and only its cluster where it is narrowed to one."""
    matches = compile_pattern(
        _resolve(template["Resources"]["Rule"]["Properties"]["EventPattern"], conditions=narrowed)
    )
    sample = json.loads((_FOLDER / "event.json").read_text(encoding="utf-8"))
    sample["detail"]["clusterArn"] = _VALUES["ClusterArn"]

    assert matches(sample)
    assert not matches(sample | {"detail": sample["detail"] | {"lastStatus": "RUNNING"}})
    assert matches(sample | {"detail": sample["detail"] | {"clusterArn": "another"}}) is not narrowed


def test_readme_names_every_parameter(template: dict[str, Any]) -> None:
    """Each parameter of the template and each variable of the module is in the table of the README."""
    readme = (_FOLDER / "README.md").read_text(encoding="utf-8")
    variables = re.findall(r'variable "(\w+)"', (_FOLDER / "variables.tf").read_text(encoding="utf-8"))

    missing = [name for name in [*template["Parameters"], *variables] if f"`{name}`" not in readme]

    assert missing == []
