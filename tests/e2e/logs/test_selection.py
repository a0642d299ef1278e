"""Which logs `taskscope logs` reads: groups, globs, functions, stacks, tasks; and what it says of what there is not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.logs.conftest import Logs, Put, Refuse


def _messages(printed: str) -> list[str]:
    return [json.loads(line)["message"] for line in printed.splitlines()]


def test_groups_are_merged_in_order_of_time(logs: Logs, put: Put) -> None:
    """By name, by glob and as --cw-log-group; each line as sam prints it."""
    for number, group in enumerate(["/merge/a", "/merge/b", "/merge/c"] * 2):
        put(group, "s", f"line {number}", ago=60 - number)

    named = logs("/merge/a", "--cw-log-group", "/merge/b", "/merge/c", "--utc")
    fitting = logs("/merge/*", "-o", "jsonl")

    assert [line.split(" ", 2)[2] for line in named.stdout.splitlines()] == [f"line {number}" for number in range(6)]
    assert re.fullmatch(r"s 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z line 0", named.stdout.splitlines()[0])
    assert _messages(fitting.stdout) == [f"line {number}" for number in range(6)]
    assert named.stderr == "taskscope: from CloudWatch Logs: /merge/a, /merge/c, /merge/b\n"


def test_nothing_lists_the_groups(logs: Logs, group: str) -> None:
    """A line each; what asks for lines must say of which."""
    assert group in logs().stdout.splitlines()
    assert group in json.loads(logs("-o", "json").stdout)
    assert logs("--follow").returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["-n", "shop-orders"],
        ["--name", "arn:aws:lambda:us-east-1:123456789012:function:shop-orders:$LATEST"],
        ["--stack-name", "shop", "-n", "Orders"],
        ["--stack-name", "shop"],
    ],
)
@pytest.mark.usefixtures("stack")
def test_function_is_known_by_name_and_by_its_stack(logs: Logs, arguments: list[str]) -> None:
    """The whole log of its calls; of a function that wrote nothing it is said."""
    done = logs(*arguments, "-o", "jsonl")

    assert done.returncode == 0, done.stderr
    assert [each for each in _messages(done.stdout) if each.startswith("order")] == ["order 1\n", "order 2\n"]
    assert json.loads(done.stdout.splitlines()[0])["function"] == "shop-orders"
    assert ("function shop-mails has written nothing yet" in done.stderr) == (arguments == ["--stack-name", "shop"])


@pytest.mark.usefixtures("stack")
def test_log_of_a_function_that_is_gone_is_still_read(logs: Logs, put: Put) -> None:
    """Where its group is there."""
    put("/aws/lambda/shop-old", "s", "bye")

    assert "bye" in logs("-n", "shop-old").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message", "hint"),
    [
        (["-n", "shop-odrers"], 3, "there is no function shop-odrers", "did you mean shop-orders"),
        (["--stack-name", "shpo"], 3, "there is no stack shpo", "check --region"),
        (["--stack-name", "shop", "-n", "Order"], 3, "the stack shop has no function Order", "it has: Mails, Orders"),
        (["/nowhere"], 3, "there is no log group /nowhere", "taskscope logs lists"),
        (["--cluster", "prod"], 3, "there is no cluster prod", ""),
        (["--service", "a", "--task", "b"], 2, "--service and --task exclude each other", ""),
        ([""], 2, "a name is empty", "is a variable"),
        (["/x", "--since", "soon"], 2, "'soon' is no time", ""),
        (["/x", "--since", "5m", "--until", "10m"], 2, "--since is not before --until", ""),
        (["/x", "--query", "[?"], 2, "is no JMESPath", ""),
        (["/x", "--grep", "("], 2, "is no regular expression", ""),
        (["/x", "-f", "-o", "json"], 2, "--follow cannot print json", ""),
        (["/x", "-f", "--until", "5m"], 2, "--follow goes on with the present", ""),
        (["/x", "--from", "store"], 5, "no server answers that has logs", "--from aws"),
    ],
)
@pytest.mark.usefixtures("stack")
def test_what_is_wrong_is_said_in_a_line(logs: Logs, arguments: list[str], code: int, message: str, hint: str) -> None:
    """With what to do, and the exit code of its kind."""
    done = logs(*arguments)

    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert hint in done.stderr
    assert "Traceback" not in done.stderr


def test_filter_that_aws_does_not_take_is_wrong_usage(logs: Logs, group: str) -> None:
    """Exit code 2, with AWS's reason."""
    done = logs(group, "--filter", "a-b")

    assert done.returncode == 2
    assert "CloudWatch Logs does not take the pattern 'a-b'" in done.stderr


@pytest.mark.parametrize(
    ("code", "exit_code", "text"),
    [
        ("AccessDeniedException", 4, "the permission logs:FilterLogEvents is missing"),
        ("ThrottlingException", 5, "AWS throttles the requests"),
    ],
)
def test_refusals_of_aws_have_their_exit_codes(
    logs: Logs, group: str, refuse: Refuse, code: str, exit_code: int, text: str
) -> None:
    """No permission: 4; throttled: 5."""
    refuse("FilterLogEvents", code)

    done = logs(group, AWS_MAX_ATTEMPTS="1")

    assert (done.returncode, done.stdout) == (exit_code, "")
    assert text in done.stderr


def test_without_credentials_it_ends_with_4(logs: Logs) -> None:
    """And says how to sign in."""
    done = logs("/x", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_EC2_METADATA_DISABLED="true")

    assert done.returncode == 4
    assert "no AWS credentials are found" in done.stderr


@pytest.fixture(scope="module")
def task(lab: ThreadedAws) -> dict[str, Any]:
    """Load a recorded task, whose container wrote a log; return its state."""
    file = Path(__file__).parents[2] / "fixtures" / "golden" / "nginx-scale-in" / "state.json"
    state: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))

    def seed() -> None:
        lab.aws.ecs.load(state)
        lab.aws.logs.seed(state["region"], state["logGroups"])

    lab.call(seed)
    return state


@pytest.mark.parametrize(
    ("arguments", "labels"),
    [
        (["--task"], {"cluster", "service", "task", "container"}),
        (["--service", "nginx-local", "--container", "nginx"], {"cluster", "service", "task", "container"}),
        (["--cluster", "default"], {"cluster", "service", "task", "container"}),
    ],
)
def test_logs_of_tasks_are_found(logs: Logs, task: dict[str, Any], arguments: list[str], labels: set[str]) -> None:
    """By the beginning of an id, by service, by cluster; a stopped task's are those before its end."""
    region = {"AWS_REGION": task["region"], "AWS_DEFAULT_REGION": task["region"]}
    arguments = [*arguments, task["taskId"][:8]] if arguments == ["--task"] else [*arguments, "--since", "2021-12-01"]

    done = logs(*arguments, "-o", "jsonl", **region)

    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines
    assert all(labels <= set(each) for each in lines)
    # A service's log also has tasks that ECS has forgotten.
    forgotten = set() if "--task" in arguments else {"0c5f2f7d7b8e4a3b9a4f0f7d3a9be1c2"}
    assert {each["task"] for each in lines} == {task["taskId"], *forgotten}
    assert {each["service"] for each in lines} == {"nginx-local"}
