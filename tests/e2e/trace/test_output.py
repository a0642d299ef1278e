"""What `taskscope trace` prints, and what its filters leave."""

import json
import uuid

import pytest

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.conftest import Run
from tests.e2e.trace.conftest import Load
from tests.e2e.trace.incident import CLUSTER, REGION, arn, at, incident, ms

LOGS = {
    "api": [(ms(12), "GET / 200"), (ms(12), "GET / 200"), (ms(14), "first\nsecond\r\n\x1b[31mred"), (ms(590), "bye\n")],
    "worker": [(ms(13), "job 1 failed"), (ms(300), "in the middle")],
}


@pytest.fixture(scope="module")
def task(load: Load) -> str:
    """Give a task of a service, with two containers."""
    task_id = uuid.uuid4().hex
    service = {
        "serviceName": "web",
        "serviceArn": arn("service", f"{CLUSTER}/web"),
        "clusterArn": arn("cluster", CLUSTER),
        "status": "ACTIVE",
        "events": [
            {
                "id": "3",
                "createdAt": at(601),
                "message": f"(service web) has stopped 1 running tasks: (task {task_id}).",
            },
            {"id": "2", "createdAt": at(20), "message": "(service web) has reached a steady state."},
            {"id": "1", "createdAt": at(-3600), "message": "(service web) has started 1 tasks: (task long-ago)."},
        ],
    }
    load(incident(task_id, LOGS, task={"group": "service:web"}, service=service))
    return task_id


def trace(run: Run, aws: ThreadedAws, *arguments: str) -> list[str]:
    """Return the lines that ``taskscope trace`` prints."""
    done = run("taskscope", "trace", CLUSTER, *arguments, env=aws.environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_text_is_one_event_a_line(task: str, recorded: ThreadedAws, run: Run) -> None:
    """Newlines and control characters inside a message are written out; repeats at equal times stay."""
    lines = trace(run, recorded, task, "--utc", "--container", "api")

    assert lines.count("2026-11-20T09:00:12.000Z\tCONTAINER:api\tGET / 200") == 2
    assert r"2026-11-20T09:00:14.000Z	CONTAINER:api	first\nsecond\r\n\x1b[31mred" in lines
    assert "2026-11-20T09:09:50.000Z\tCONTAINER:api\tbye" in lines
    assert not [line for line in lines if "worker" in line]


def test_raw_prints_messages_as_they_are(task: str, recorded: ThreadedAws, run: Run) -> None:
    """--raw leaves newlines and colours in."""
    done = run("taskscope", "trace", CLUSTER, task, "--raw", env=recorded.environment)

    assert "first\nsecond\n\x1b[31mred\n" in done.stdout
    assert "bye\n\n" not in done.stdout


def test_filters(task: str, recorded: ThreadedAws, run: Run) -> None:
    """--source, --grep, --no-logs and windows each leave what they say."""
    sources = {line.split("\t")[1] for line in trace(run, recorded, task, "--source", "task", "--source", "service")}
    failed = trace(run, recorded, task, "--grep", r"job \d+ failed")
    no_logs = trace(run, recorded, task, "--no-logs")
    middle = trace(run, recorded, task, "--since", "2026-11-20T09:05:00Z", "--until", "2026-11-20T09:05:00.001Z")

    assert sources == {"TASK", "SERVICE"}
    assert [line.split("\t")[2] for line in failed] == ["job 1 failed"]
    assert [line.split("\t")[2] for line in no_logs if "CONTAINER" in line] == ["STOPPED (exit code: 1)"] * 2
    assert next(line.split("\t")[2] for line in middle if "CONTAINER" in line) == "in the middle"
    assert "in the middle" in "\n".join(trace(run, recorded, task, "--all"))


def test_json_follows_its_schema(task: str, recorded: ThreadedAws, run: Run) -> None:
    """JSON holds task, events, notices and what was not read; jsonl the same events, a line each."""
    [text] = ["\n".join(trace(run, recorded, task, "--output", "json", "--utc"))]
    document = json.loads(text)
    lines = [json.loads(line) for line in trace(run, recorded, task, "--output", "jsonl", "--utc")]

    assert lines == document["events"]
    assert document["task"]["id"] == task
    assert document["task"]["containers"][0] == {
        "name": "api",
        "last_status": "STOPPED",
        "exit_code": 1,
        "reason": None,
        "health": None,
        "runtime_id": None,
    }
    assert document["unread"] == {"start": "2026-11-20T09:01:09.000Z", "end": "2026-11-20T09:09:00.000Z"}
    steady, stopped = (each for each in lines if each["kind"] == "service_event")
    assert (steady["own"], stopped["own"]) == (False, True)
    log = next(each for each in lines if each["kind"] == "log")
    assert log == {
        "time": "2026-11-20T09:00:12.000Z",
        "source": "CONTAINER:api",
        "kind": "log",
        "message": "GET / 200",
        "container": "api",
        "log_group": "/ecs/shop",
        "log_stream": f"app/api/{task}",
        "ingested": "2026-11-20T09:00:12.500Z",
    }


def test_table_marks_the_tasks_own(task: str, recorded: ThreadedAws, run: Run) -> None:
    """The table has a head, marks service events that name the task, and inferred times."""
    lines = trace(run, recorded, task, "--output", "table")

    assert lines[0].split() == ["TIME", "SOURCE", "MESSAGE"]
    assert [line.split()[2] for line in lines if "has stopped 1 running" in line] == ["own"]
    assert [line.split()[2] for line in lines if "steady state" in line] == ["(service"]
    assert [line.split()[2] for line in lines if "exit code: 1" in line] == ["~", "~"]


def test_lists_of_clusters_and_tasks(task: str, recorded: ThreadedAws, run: Run) -> None:
    """Without a task it lists tasks, without a cluster clusters, in each form."""
    row = next(line for line in trace(run, recorded) if task in line)
    documents = json.loads("\n".join(trace(run, recorded, "--output", "json")))

    assert row.split("\t") == [
        task,
        f"shop-{task}:1",
        "STOPPED",
        "STOPPED",
        "2026-11-20T09:00:00Z",
        "service:web",
        "FARGATE",
    ]
    assert [each["stop_code"] for each in documents if each["id"] == task] == ["EssentialContainerExited"]
    assert CLUSTER in run("taskscope", "trace", env=recorded.environment).stdout.splitlines()


def test_colour_only_where_it_is_wanted(task: str, recorded: ThreadedAws, run: Run) -> None:
    """Off a terminal there is no colour, unless it is asked for."""
    plain = run("taskscope", "trace", CLUSTER, task, "--no-logs", env=recorded.environment)
    coloured = run("taskscope", "trace", CLUSTER, task, "--no-logs", "--color", "always", env=recorded.environment)

    assert "\x1b[" not in plain.stdout
    assert "\x1b[" in coloured.stdout


@pytest.mark.parametrize(
    "address",
    [
        "arn:aws:ecs:{region}:123456789012:task/shop/{task}",
        "https://{region}.console.aws.amazon.com/ecs/v2/clusters/shop/tasks/{task}/configuration?region={region}",
        "https://{region}.console.aws.amazon.com/ecs/v2/clusters/shop/services/web/tasks/{task}/logs",
        "https://console.aws.amazon.com/ecs/home?region={region}#/clusters/shop/tasks/{task}/details",
    ],
)
def test_addresses_name_cluster_task_and_region(address: str, task: str, recorded: ThreadedAws, run: Run) -> None:
    """An ARN or the address of a console page stands alone; its region wins over the environment's."""
    where = address.format(region=REGION, task=task)

    done = run("taskscope", "trace", where, "--no-logs", env={**recorded.environment, "AWS_REGION": "eu-west-1"})

    assert "TASK\tCreated" in done.stdout, done.stderr


def test_table_keeps_times_and_names_whole_on_a_narrow_terminal(task: str, recorded: ThreadedAws, run: Run) -> None:
    """At 80 columns only the message is broken into lines, and nothing is cut."""
    done = run("taskscope", "trace", CLUSTER, task, "-o", "table", env={**recorded.environment, "COLUMNS": "80"})

    assert "…" not in done.stdout
    assert "2026-11-20T09:09:50.000Z  CONTAINER:api" in done.stdout


def test_empty_lists_say_so(recorded: ThreadedAws, run: Run) -> None:
    """A cluster without tasks prints nothing on stdout, and says on stderr that there is none."""
    done = run("taskscope", "trace", "default", env=recorded.environment)

    assert (done.returncode, done.stdout) == (0, "")
    assert "ECS knows no task of cluster default" in done.stderr
