"""Debian's Prometheus scrapes: a task that runs, whose figures are the kernel's; and an exporter behind TLS."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import bcrypt
import psutil
import pytest
import yaml

from taskscope.lab.client.watch import until
from taskscope.lab.threaded import ThreadedAws
from tests.e2e.conftest import clean_environment
from tests.e2e.discover.prometheus import Prometheus, eventually, prometheus
from tests.unit.exporter.certificates import Authority

from .process import MOCK, TASKSCOPE, exporter

_CLUSTER: Final = "exported"
_WORKER: Final = """
import time
held = bytearray(b"x" * (64 << 20))
while True:
    until = time.monotonic() + 0.05
    while time.monotonic() < until:
        pass
    time.sleep(0.05)
"""
"""Holds 64 MiB and keeps half a CPU busy."""
_TICK_SECONDS: Final = 0.01
"""What /proc counts processor time in."""
_SHELL_SECONDS: Final = 0.1
"""What a container's shell may take before it becomes the program."""


class Kernel(NamedTuple):
    """What /proc says of a process."""

    at: float
    cpu_seconds: float
    anonymous_bytes: int
    resident_bytes: int


def _kernel(process: psutil.Process) -> Kernel:
    times = process.cpu_times()
    sizes = {
        line.partition(":")[0]: int(line.split()[1]) * 1024
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
        if line.startswith(("RssAnon", "VmRSS"))
    }
    return Kernel(time.time(), times.user + times.system, sizes["RssAnon"], sizes["VmRSS"])


def _definition(mark: str) -> dict[str, Any]:
    return {
        "family": "exported",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "512",
        "memory": "1024",
        "containerDefinitions": [
            {
                "name": "worker", "image": "shop/worker:7", "cpu": 128, "memory": 200,
                "command": [sys.executable, "-c", _WORKER, mark],
            },
            {
                "name": "exporter", "image": "taskscope", "memory": 128, "essential": False,
                "command": [str(TASKSCOPE), "exporter"], "portMappings": [{"containerPort": 9659}],
            },
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def worker(aws: ThreadedAws) -> Iterator[psutil.Process]:
    """Run the task; give the process of its worker."""
    ecs, mark = aws.client("ecs"), f"exported-{time.time_ns()}"
    ecs.create_cluster(clusterName=_CLUSTER)
    ecs.register_task_definition(**_definition(mark))
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
    [task] = ecs.run_task(
        cluster=_CLUSTER, taskDefinition="exported", launchType="FARGATE", networkConfiguration=network
    )["tasks"]

    def status() -> str:
        [found] = ecs.describe_tasks(cluster=_CLUSTER, tasks=[task["taskArn"]])["tasks"]
        return str(found["lastStatus"])

    assert until(lambda: status() == "RUNNING", at_most=30)
    yield next(each for each in psutil.process_iter() if mark in each.cmdline()[3:])
    ecs.stop_task(cluster=_CLUSTER, task=task["taskArn"])
    assert until(lambda: status() == "STOPPED", at_most=60)


@pytest.fixture(scope="module")
def target(aws: ThreadedAws, worker: psutil.Process) -> str:
    """Give the address of the task's exporter, as Prometheus finds it."""
    assert worker.is_running()
    found = subprocess.run(
        [TASKSCOPE, "discover", "--cluster", _CLUSTER],
        env=clean_environment(aws.environment), capture_output=True, timeout=50, check=True,
    )  # fmt: skip
    [group] = json.loads(found.stdout)
    [address] = group["targets"]
    return str(address)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    """Run an exporter that asks for a certificate and a password; give jobs with the right and with a wrong one."""
    folder = tmp_path_factory.mktemp("guarded")
    authority = Authority(folder)
    authority.sign("server")
    client, key = authority.sign("prometheus", host="prometheus.example")
    web = {
        "tls_server_config": {
            "cert_file": "server.pem",
            "key_file": "server.key",
            "client_auth_type": "RequireAndVerifyClientCert",
            "client_ca_file": "ca.pem",
            "client_allowed_sans": ["prometheus.example"],
        },
        "basic_auth_users": {"prometheus": bcrypt.hashpw(b"sesame", bcrypt.gensalt(10)).decode()},
    }
    (folder / "web.yml").write_text(yaml.safe_dump(web))
    with exporter(*MOCK, "--web.config.file", str(folder / "web.yml")) as process:
        job = {
            "scheme": "https",
            "tls_config": {"ca_file": str(authority.file), "cert_file": str(client), "key_file": str(key)},
            "static_configs": [{"targets": [f"127.0.0.1:{process.port}"]}],
        }
        yield [
            {"job_name": "right", "basic_auth": {"username": "prometheus", "password": "sesame"}, **job},
            {"job_name": "wrong", "basic_auth": {"username": "prometheus", "password": "simsalabim"}, **job},
        ]
        assert process.end() == 0


@pytest.fixture(scope="module")
def scraping(
    target: str, guarded: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """Give a Prometheus that scrapes the task, and the exporter behind TLS; one for all, since it starts in 6 s."""
    folder = tmp_path_factory.mktemp("prometheus")
    jobs = [{"job_name": "ecs", "static_configs": [{"targets": [target]}]}, *guarded]
    config = folder / "prometheus.yml"
    config.write_text(
        yaml.safe_dump({"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": jobs})
    )
    with prometheus(config, folder / "data") as running:
        yield running


def _value(running: Prometheus, expression: str) -> float:
    """Return the one value of an expression; 0 while there is none."""
    found = running.query(expression)
    assert len(found) <= 1
    return found[0][1] if found else 0.0


def test_figures_of_a_task_are_those_of_its_process(worker: psutil.Process, scraping: Prometheus) -> None:
    """
    CPU seconds between what /proc said before and after the scrape, a tick and the shell's start allowed; anonymous
    memory between /proc's and the resident size, within 2 MiB; the working set from there to 16 MiB more, for files.
    """
    name = 'ecs_container_cpu_usage_seconds_total{container_name="worker"}'
    eventually(lambda: _value(scraping, name) > 0, what="a scrape")
    before = _kernel(worker)
    eventually(lambda: _value(scraping, f"timestamp({name})") > before.at + 1, what="a later scrape")
    cpu = _value(scraping, name)
    after = _kernel(worker)
    anonymous, working_set, limit = (
        _value(scraping, f'ecs_container_memory_{each}_bytes{{container_name="worker"}}')
        for each in ("anonymous", "working_set", "limit")
    )
    [(compatible, usage)] = scraping.query('ecs_container_mem_usage_bytes{ContainerName="worker"}')

    assert before.cpu_seconds + 0.1 < after.cpu_seconds
    assert before.cpu_seconds - _TICK_SECONDS < cpu < after.cpu_seconds + _SHELL_SECONDS
    assert after.anonymous_bytes > 64 << 20
    assert after.anonymous_bytes - (2 << 20) < anonymous < after.resident_bytes + (2 << 20)
    assert anonymous - (2 << 20) < working_set < after.resident_bytes + (16 << 20)
    assert working_set <= usage + (1 << 20)
    assert (limit, _value(scraping, 'taskscope_exporter_up{job="ecs"}')) == (200 << 20, 1.0)
    assert (compatible["Cluster"], compatible["TaskDefinitionFamily"]) == (_CLUSTER, "exported")


def test_rates_are_those_of_the_process_and_join_the_metadata(worker: psutil.Process, scraping: Prometheus) -> None:
    """Half a CPU, within a fifth of one; by the instance, which is what series of one exporter have in common."""
    name = 'ecs_container_cpu_usage_seconds_total{container_name="worker"}'
    began = _kernel(worker)
    eventually(lambda: _value(scraping, f"timestamp({name})") > began.at + 4, what="four seconds of scrapes")
    joined = f"rate({name}[4s]) * on(instance) group_left(family, launch_type) ecs_task_metadata_info"
    [(labels, rate)] = scraping.query(joined)
    ended = _kernel(worker)

    assert (labels["family"], labels["launch_type"]) == ("exported", "FARGATE")
    assert rate == pytest.approx((ended.cpu_seconds - began.cpu_seconds) / (ended.at - began.at), abs=0.2)


def test_promtool_finds_nothing_in_what_a_task_exports(target: str) -> None:
    """But that the names of the replaced exporter's labels are in camel case."""
    text = subprocess.run(["curl", "-fsS", f"http://{target}/metrics"], capture_output=True, check=True, timeout=20)
    try:
        checked = subprocess.run(
            ["promtool", "check", "metrics"], input=text.stdout, capture_output=True, check=False, timeout=20
        )
    except FileNotFoundError:
        pytest.skip("promtool is not installed: the text is not checked (Debian package prometheus)")
    findings = (checked.stdout + checked.stderr).decode().splitlines()

    assert b"ecs_container_pids" in text.stdout
    assert [each for each in findings if "label names should be written in 'snake_case'" not in each] == []


def test_prometheus_scrapes_over_tls_with_a_password(scraping: Prometheus) -> None:
    """By a web configuration of the format that Prometheus has itself; with a wrong password it does not."""
    eventually(lambda: _value(scraping, 'up{job="right"} == 1') == 1, what="a scrape over TLS")
    eventually(lambda: scraping.query('up{job="wrong"} == 0') != [], what="a scrape that is refused")
    targets = scraping.get("targets", state="active")["activeTargets"]

    assert _value(scraping, 'ecs_container_memory_usage_bytes{job="right",container_name="web"}') == 338690048
    assert {each["labels"]["job"]: each["lastError"] for each in targets} == {
        "ecs": "",
        "right": "",
        "wrong": "server returned HTTP status 401 Unauthorized",
    }


def test_prometheus_itself_accepts_the_same_file(tmp_path: Path) -> None:
    """So that the format is the one that it is said to be."""
    authority = Authority(tmp_path)
    authority.sign("server")
    (tmp_path / "web.yml").write_text(
        yaml.safe_dump(
            {
                "tls_server_config": {
                    "cert_file": "server.pem",
                    "key_file": "server.key",
                    "client_auth_type": "RequireAndVerifyClientCert",
                    "client_ca_file": "ca.pem",
                    "min_version": "TLS13",
                    "cipher_suites": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
                    "curve_preferences": ["CurveP256"],
                    "prefer_server_cipher_suites": True,
                },
                "http_server_config": {"http2": False, "headers": {"X-Frame-Options": "deny"}},
                "basic_auth_users": {"alice": bcrypt.hashpw(b"wonder", bcrypt.gensalt(4)).decode()},
            }
        )
    )
    try:
        checked = subprocess.run(
            ["promtool", "check", "web-config", str(tmp_path / "web.yml")], capture_output=True, check=False, timeout=20
        )
    except FileNotFoundError:
        pytest.skip("promtool is not installed: the web configuration is not checked (Debian package prometheus)")
    with exporter(*MOCK, "--web.config.file", str(tmp_path / "web.yml")) as process:
        assert process.port
        assert process.end() == 0

    assert checked.returncode == 0, checked.stderr
