"""Every way in which a timeline cannot be had ends with one line, a hint and the documented exit code."""

import socket
import uuid

import pytest

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.conftest import Run
from tests.e2e.trace.conftest import Load, Refuse
from tests.e2e.trace.incident import CLUSTER, awslogs, incident, ms

TASK = "c0ffee" + "0" * 26


@pytest.fixture(autouse=True, scope="module")
def _incident(load: Load) -> None:
    load(incident(TASK, {"api": [(ms(12), "hello")], "worker": [(ms(13), "world")]}))


def fails(run: Run, aws: ThreadedAws, *arguments: str, **env: str) -> tuple[int, list[str]]:
    """Run ``taskscope trace`` and return its exit code and the lines on stderr; nothing is a traceback."""
    done = run("taskscope", "trace", *arguments, env={**aws.environment, **env})
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.returncode, done.stderr.splitlines()


def test_unknown_cluster_names_the_nearest(recorded: ThreadedAws, run: Run) -> None:
    """A typing error in the cluster's name ends with 3 and suggests the cluster that is meant."""
    assert fails(run, recorded, "shpo", TASK) == (
        3,
        ["taskscope: there is no cluster shpo in this account and region", "           did you mean shop?"],
    )
    assert fails(run, recorded, "shpo")[0] == 3


def test_unknown_task_names_the_nearest_and_the_hour(recorded: ThreadedAws, run: Run) -> None:
    """A wrong id ends with 3, says that ECS forgets tasks after an hour, and suggests the nearest id."""
    code, [what, hint] = fails(run, recorded, CLUSTER, TASK[:-1] + "1")

    assert code == 3
    assert "stopped more than an hour ago" in what
    assert TASK in hint


def test_ambiguous_prefix_names_the_candidates(recorded: ThreadedAws, load: Load, run: Run) -> None:
    """A prefix of two ids ends with 2 and names both; a longer one is enough."""
    one, other = ("beef" + char * 28 for char in "12")
    for each in (one, other):
        load(incident(each, {"api": []}))

    code, [what, _hint] = fails(run, recorded, CLUSTER, "beef")

    assert code == 2
    assert one in what
    assert other in what
    assert run("taskscope", "trace", CLUSTER, "beef1", env=recorded.environment).returncode == 0


def test_task_of_another_cluster_is_a_usage_error(recorded: ThreadedAws, run: Run) -> None:
    """CLUSTER and the cluster of the task's ARN must agree."""
    arn = f"arn:aws:ecs:us-east-1:123456789012:task/{CLUSTER}/{TASK}"

    assert fails(run, recorded, "other", arn)[0] == 2
    assert run("taskscope", "trace", arn, env=recorded.environment).returncode == 0


def test_missing_credentials(recorded: ThreadedAws, run: Run) -> None:
    """Without credentials it ends with 4 and tells how to sign in."""
    code, [what, hint] = fails(
        run, recorded, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_EC2_METADATA_DISABLED="true"
    )

    assert code == 4
    assert "no AWS credentials" in what
    assert "aws sso login" in hint


def test_missing_region(recorded: ThreadedAws, run: Run) -> None:
    """Without a region it ends with 4 and names the option and the variable."""
    code, [what, hint] = fails(run, recorded, AWS_REGION="", AWS_DEFAULT_REGION="")

    assert code == 4
    assert "region" in what
    assert "--region" in hint


def test_unknown_profile(recorded: ThreadedAws, run: Run) -> None:
    """A profile that does not exist is a usage error."""
    assert fails(run, recorded, "--profile", "nobody")[0] == 2


def test_endpoint_that_nobody_serves(recorded: ThreadedAws, run: Run) -> None:
    """Nothing listens at the endpoint: it ends with 5 and names the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

        code, [what, _hint] = fails(run, recorded, "--endpoint-url", url)

    assert code == 5
    assert url in what


@pytest.mark.parametrize(
    ("code", "message", "exit_code", "said"),
    [
        ("ExpiredTokenException", "The security token included in the request is expired", 4, "expired"),
        ("UnrecognizedClientException", "The security token included in the request is invalid.", 4, "not accept"),
        (
            "AccessDeniedException",
            "User: arn:aws:iam::1:user/x is not authorized to perform: ecs:DescribeTasks on resource: y",
            4,
            "permission ecs:DescribeTasks is missing",
        ),
        ("ThrottlingException", "Rate exceeded", 5, "throttles"),
        ("ServerException", "Service Unavailable. Please try again later.", 5, "ServerException"),
    ],
)
def test_error_of_the_first_call(
    code: str, message: str, exit_code: int, said: str, recorded: ThreadedAws, refuse: Refuse, run: Run
) -> None:
    """What ECS refuses is told by its reason, with the exit code of its kind."""
    refuse("ecs", "DescribeTasks", code, message)

    ended, lines = fails(run, recorded, CLUSTER, TASK, AWS_MAX_ATTEMPTS="1")

    assert ended == exit_code
    assert said in lines[0]


@pytest.mark.parametrize(
    ("operation", "code", "exit_code", "said"),
    [
        ("GetLogEvents", "AccessDeniedException", 0, "logs:GetLogEvents is missing"),
        ("GetLogEvents", "ServiceUnavailableException", 5, "incomplete"),
    ],
)
def test_unreadable_logs_leave_the_rest(
    operation: str, code: str, exit_code: int, said: str, recorded: ThreadedAws, refuse: Refuse, run: Run
) -> None:
    """Logs that may not be read are notices; where a retry may help the exit code says so."""
    refuse("logs", operation, code)

    done = run("taskscope", "trace", CLUSTER, TASK, env={**recorded.environment, "AWS_MAX_ATTEMPTS": "1"})

    assert done.returncode == exit_code
    assert "TASK\tCreated" in done.stdout
    assert "hello" not in done.stdout
    assert done.stderr.count(said) == 2, "one line for each of the two containers"


def test_other_drivers_are_said_and_read_over(recorded: ThreadedAws, load: Load, run: Run) -> None:
    """FireLens, no log configuration and another driver: a line each says why; awslogs of the rest is read."""
    task = uuid.uuid4().hex
    firelens = {"logDriver": "awsfirelens", "options": {"Name": "cloudwatch_logs", "log_group_name": "/fire"}}
    load(
        incident(
            task,
            {"api": [(ms(12), "hello")], "fire": [], "silent": [], "file": []},
            configurations={"fire": firelens, "silent": None, "file": {"logDriver": "json-file"}},
        )
    )

    done = run("taskscope", "trace", CLUSTER, task, env=recorded.environment)

    assert "CONTAINER:api\thello" in done.stdout
    assert (
        "container fire are not in the timeline: its log driver is awsfirelens, which sends to cloudwatch_logs"
        in done.stderr
    )
    assert "container silent are not in the timeline: it has no log configuration" in done.stderr
    assert "container file are not in the timeline: its log driver is json-file" in done.stderr
    assert done.returncode == 0


def test_stream_without_prefix_is_the_runtime_id(recorded: ThreadedAws, load: Load, run: Run) -> None:
    """On EC2 without a stream prefix the container's runtime id names the stream."""
    task, runtime = uuid.uuid4().hex, "f" * 64
    state = incident(task, {"api": [(ms(12), "by runtime id")]}, configurations={"api": awslogs(prefix=None)})
    state["task"]["containers"][0]["runtimeId"] = runtime
    state["logGroups"][0]["logStreams"][0]["logStreamName"] = runtime
    load(state)

    done = run("taskscope", "trace", CLUSTER, task, env=recorded.environment)

    assert "CONTAINER:api\tby runtime id" in done.stdout


def test_unknown_container_is_a_usage_error(recorded: ThreadedAws, run: Run) -> None:
    """A typing error in --container is told with the containers that there are."""
    code, [what, hint] = fails(run, recorded, CLUSTER, TASK, "--container", "apy")

    assert (code, what) == (2, "taskscope: the task has no container apy")
    assert hint.strip() == "it has: api, worker"


@pytest.mark.parametrize("arguments", [("",), (CLUSTER, ""), (CLUSTER, "--follow"), (CLUSTER, "--grep", "x")])
def test_what_names_no_task(arguments: tuple[str, ...], recorded: ThreadedAws, run: Run) -> None:
    """An empty argument, as of a variable that is not set, and options for a task without one end with 2."""
    assert fails(run, recorded, *arguments)[0] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("--grep", "("),
        ("--all", "--since", "5m"),
        ("--since", "2026-11-20T10:00:00Z", "--until", "2026-11-20T09:00:00Z"),
        ("--follow", "--output", "json"),
        ("--follow", "--until", "5m"),
        ("--duration", "soon"),
        ("--since", "yesterdayish"),
    ],
)
def test_options_that_make_no_sense(arguments: tuple[str, ...], recorded: ThreadedAws, run: Run) -> None:
    """A wrong option ends with 2 before AWS is asked for a timeline."""
    assert fails(run, recorded, CLUSTER, TASK, *arguments)[0] == 2
