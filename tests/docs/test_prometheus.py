"""docs/prometheus.md shows what discovery prints, and lists every rule, alert and label there is."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from taskscope.lab.client.watch import until
from taskscope.lab.threaded import ThreadedAws, embedded_aws

_ROOT = Path(__file__).parents[2]
PAGE = (_ROOT / "docs" / "prometheus.md").read_text(encoding="utf-8")
_MARK = "<!-- runs against: a lab with a service and a job -->"
_VARYING = (
    (re.compile(r"\d+\.\d+\.\d+\.\d+"), "ADDRESS"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "TASK"),
    (re.compile(r"\btask [0-9a-f]{8}\b"), "task ID"),
    (re.compile(r"us-east-1[abc]"), "ZONE"),
)


@pytest.fixture(scope="module")
def shop() -> Iterator[ThreadedAws]:
    """Give a lab with the page's cluster: a service whose task has the exporter's port, and a task without it."""
    exporter = {"name": "exporter", "image": "taskscope", "portMappings": [{"containerPort": 9659}]}
    job = {"name": "job", "image": "job", "memory": 32, "command": ["sleep", "120"]}
    with embedded_aws() as aws:
        ecs = aws.client("ecs")
        ecs.create_cluster(clusterName="shop")
        ecs.register_task_definition(
            family="api", networkMode="awsvpc", cpu="256", memory="512", requiresCompatibilities=["FARGATE"],
            containerDefinitions=[exporter | {"command": ["sleep", "120"]}],
        )  # fmt: skip
        ecs.register_task_definition(family="job", containerDefinitions=[job])
        ecs.create_service(
            cluster="shop", serviceName="api", taskDefinition="api", desiredCount=1, launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
        )  # fmt: skip
        ecs.run_task(cluster="shop", taskDefinition="job", launchType="EC2")

        def both_run() -> bool:
            arns = ecs.list_tasks(cluster="shop")["taskArns"]
            found = ecs.describe_tasks(cluster="shop", tasks=arns)["tasks"] if arns else []
            return [each["lastStatus"] for each in found] == ["RUNNING", "RUNNING"]

        assert until(both_run, at_most=30)
        yield aws


def _settled(text: str) -> str:
    """Put names in the place of what is another one in each run."""
    for varying, name in _VARYING:
        text = varying.sub(name, text)
    return text


def test_page_shows_what_discover_prints(shop: ThreadedAws) -> None:
    """Targets with all of their labels, and what is left out."""
    block = re.findall(rf"{_MARK}\n\n```console\n\$ (.*?)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    [(command, expected)] = block
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin:/bin"}
    done = subprocess.run(
        ["sh", "-c", command], env=path | shop.environment, capture_output=True, text=True, timeout=30, check=False
    )

    assert _settled(done.stdout + done.stderr) == _settled(expected)


def test_page_shows_what_the_server_says(shop: ThreadedAws) -> None:
    """Here at a free port instead of the usual one."""
    mark = _MARK.replace(" -->", ", in the background -->")
    [(command, expected)] = re.findall(
        rf"{mark}\n\n```console\n\$ taskscope (.*?)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL
    )
    words = [str(Path(sys.executable).parent / "taskscope"), *command.split(), "--listen-port", "0"]
    with subprocess.Popen(words, env=os.environ | shop.environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            said = server.stderr.readline()
        finally:
            server.kill()

    assert re.sub(r":\d+/", ":9660/", said) == expected


def _section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _rules(name: str) -> list[dict[str, object]]:
    document = yaml.safe_load((_ROOT / "deploy" / "prometheus" / name).read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def test_every_rule_and_alert_is_in_its_table() -> None:
    """And no other; alerts with their severity."""
    rules = re.findall(r"`((?:container|task):[\w:]+)`", _section("Rules"))
    alerts = dict(re.findall(r"^\| `(\w+)` \|.*\| (\w+) \|$", _section("Alerts"), re.MULTILINE))

    assert sorted(rules) == sorted(str(each["record"]) for each in _rules("rules.yml"))
    for each in _rules("alerts.yml"):
        assert isinstance(each["labels"], dict)
        assert alerts.pop(str(each["alert"])) == each["labels"]["severity"]
    assert alerts == {}


def test_every_reason_is_in_its_table() -> None:
    """As the sources word it: what stands in braces there is ``…`` on the page."""
    folder = _ROOT / "src" / "taskscope" / "sources" / "discovery"
    sources = "".join((folder / name).read_text(encoding="utf-8") for name in ("endpoints.py", "hosts.py", "look.py"))
    reasons = re.findall(r'UnreachableTaskError\(f?"([^"]+)"\)', sources)
    table = _section("What is found")

    assert len(reasons) > 6
    for reason in reasons:
        said = re.sub(r"\{[^}]*\}", "…", reason).partition(":")[0]
        known = said in table or said.startswith(("…", "it has no container", "the docker label"))
        assert known, reason
