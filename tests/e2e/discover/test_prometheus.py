"""Prometheus scrapes what was discovered; rules, alerts and dashboard have data."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from .conftest import CLUSTER, TASKSCOPE, Cluster, environment
from .prometheus import Prometheus, eventually, prometheus

_FOLDER = Path(__file__).parents[3] / "deploy" / "prometheus"
_EXPORTERS = {"net", "bridged", "hosted", "outside", "checked", "labelled"}
_NOT_IN_THE_LAB = ("changes(", "cpu_throttled", "ephemeral", "restarts", "up{")
"""What these tasks do not have: restart policies, storage of Fargate, quotas of CPU; and nothing is down."""


def _configure(folder: Path, shipped: str = "prometheus.yml", url: str = "") -> Path:
    """Write a configuration that is shipped, with shorter intervals, so that a test need not wait for them."""
    for name in ("rules.yml", "alerts.yml"):
        shutil.copy(_FOLDER / name, folder)
    (folder / "targets").mkdir()
    document = yaml.safe_load((_FOLDER / shipped).read_text(encoding="utf-8"))
    document["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    if url:
        document["scrape_configs"][0]["http_sd_configs"][0]["url"] = url
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(document))
    return path


@pytest.fixture(scope="module")
def scraping(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Give a Prometheus that reads the file that ``taskscope discover --watch`` keeps."""
    folder = tmp_path_factory.mktemp("prometheus")
    config = _configure(folder)
    targets = str(folder / "targets" / "ecs.json")
    command = [str(TASKSCOPE), "discover", "--cluster", CLUSTER, "--file", targets, "--watch", "1"]
    with (
        prometheus(config, folder / "data") as server,
        subprocess.Popen(command, env=environment(cluster), stderr=subprocess.DEVNULL) as watching,
    ):
        try:
            eventually(
                lambda: {name for name, each in server.targets().items() if each["health"] == "up"} >= _EXPORTERS,
                what="all targets are scraped",
            )
            yield server
        finally:
            watching.kill()


def test_targets_are_scraped_with_their_labels(cluster: Cluster, scraping: Prometheus) -> None:
    """Every exporter of the cluster; labels for relabelling are there before it, and not after."""
    found = scraping.targets()

    assert set(found) == _EXPORTERS
    for family, target in found.items():
        assert target["labels"]["cluster"] == CLUSTER
        assert target["labels"]["task"] == cluster.tasks[family].rpartition("/")[2]
        assert target["labels"]["job"] == "ecs-tasks"
        assert target["discoveredLabels"]["__meta_ecs_task_arn"] == cluster.tasks[family]
        assert not any(name.startswith("__") for name in target["labels"])


def test_rules_have_data_of_every_task(scraping: Prometheus) -> None:
    """Rates after two scrapes; shares where there is a limit."""

    def families(expression: str) -> set[str]:
        return {labels["family"] for labels, _ in scraping.query(expression)}

    for name in ("container:ecs_cpu_usage:vcpus_rate5m", "task:ecs_memory_working_set:bytes"):
        eventually(lambda name=name: families(name) >= _EXPORTERS, what=name)  # type: ignore[misc]
    eventually(lambda: "net" in families("task:ecs_memory_working_set:percent_of_limit"), what="share of the limit")
    eventually(lambda: "net" in families("task:ecs_cpu_usage:percent_of_limit"), what="share of the CPUs")
    [(_, memory)] = scraping.query('task:ecs_memory_working_set:percent_of_limit{family="net"}')
    [(_, expected)] = scraping.query(
        '100 * sum(ecs_container_memory_working_set_bytes{family="net"}) / (512 * 1024 * 1024)'
    )

    assert memory == pytest.approx(expected, rel=0.1)


def test_info_metrics_say_nothing_twice(scraping: Prometheus) -> None:
    """What the target's labels say is dropped from the exporter's own, which go on having the rest."""
    [(labels, value)] = scraping.query('ecs_task_metadata_info{family="net"}')

    assert value == 1
    assert not any(name.startswith("exported_") for name in labels)
    assert {"task_arn", "known_status", "launch_type"} <= labels.keys()


def test_rules_and_alerts_are_evaluated_without_an_error(scraping: Prometheus) -> None:
    """Joins that match more than one series show themselves only with data."""

    def unwell() -> list[str]:
        rules = [rule for group in scraping.get("rules")["groups"] for rule in group["rules"]]
        return [
            f"{rule['name']}: {rule['health']} {rule.get('lastError', '')}" for rule in rules if rule["health"] != "ok"
        ]

    eventually(lambda: not unwell(), what="all rules are well")
    assert [labels["alertname"] for labels, _ in scraping.query('ALERTS{alertstate="firing"}')] == []


def test_dashboard_s_queries_are_answered(scraping: Prometheus) -> None:
    """Each is legal; those of what the lab measures have data."""
    document = json.loads((_FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    expressions = [each["expr"] for panel in document["panels"] for each in panel.get("targets", ())]
    expressions += [each["expr"] for each in document["annotations"]["list"] if "expr" in each]
    empty = []
    for each in expressions:
        expression = each.replace("$__rate_interval", "1m")
        for name in ("job", "cluster", "service", "task", "container"):
            expression = expression.replace(f"${name}", ".*")
        if not scraping.query(expression):
            empty.append(each)

    assert [each for each in empty if not any(part in each for part in _NOT_IN_THE_LAB)] == []
    assert len(empty) < len(expressions) / 2


def test_tasks_that_come_and_go_are_scraped_while_they_run(cluster: Cluster, scraping: Prometheus) -> None:
    """Prometheus hears of both by the file."""
    ecs = cluster.aws.client("ecs")
    ran = ecs.run_task(cluster=CLUSTER, taskDefinition="bridged", launchType="EC2")
    arn = ran["tasks"][0]["taskArn"]
    task = arn.rpartition("/")[2]

    def scraped() -> bool:
        active = scraping.get("targets", state="active")["activeTargets"]
        return task in {each["labels"]["task"] for each in active}

    eventually(scraped, what="the new task is scraped")
    ecs.stop_task(cluster=CLUSTER, task=arn)
    eventually(lambda: not scraped(), what="its target is gone")


def test_targets_are_scraped_that_are_asked_for_over_http(cluster: Cluster, tmp_path: Path) -> None:
    """Prometheus is strict in what it takes: status, type and form."""
    command = [str(TASKSCOPE), "discover", "--cluster", CLUSTER, "--output", "http_sd", "--listen-port", "0"]
    with subprocess.Popen(command, env=environment(cluster), stderr=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stderr is not None
            url = serving.stderr.readline().split()[-1]
            config = _configure(tmp_path, "prometheus-http.yml", url)
            with prometheus(config, tmp_path / "data") as server:
                eventually(lambda: set(server.targets()) == _EXPORTERS, what="all targets are there")
                assert not [line for line in server.log if "level=error" in line]
        finally:
            serving.kill()
