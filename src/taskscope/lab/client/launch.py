"""Running a task definition in a lab: as a task of its own or as a service, by API."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from taskscope.errors import TaskscopeError, UsageError
from taskscope.lab.client.connection import Lab, plain_errors
from taskscope.lab.client.watch import Say, Watcher, is_steady, until
from taskscope.lab.gateway.service import Document
from taskscope.lab.json_file import read_json

IMPAIRED: Final = "unable to consistently start tasks"
"""Part of the service event after which waiting for a steady state is of no use."""

_NETWORK: Final = {"awsvpcConfiguration": {"subnets": ["subnet-lab"], "assignPublicIp": "DISABLED"}}
"""AWS wants a subnet for ``awsvpc``; the lab has only one network."""

_FIRST_TASKS_SECONDS: Final = 5.0
_RUN_AT_MOST: Final = 10
"""RunTask starts at most ten tasks in one call."""


def read_definition(file: Path) -> Document:
    """
    Read a task definition: RegisterTaskDefinition's input, or DescribeTaskDefinition's output.

    Raises:
        UsageError: The file cannot be read, or is no JSON object.
    """
    document = read_json(file, "the task definition")
    if isinstance(document, dict) and isinstance(document.get("taskDefinition"), dict):
        tags = {"tags": document["tags"]} if document.get("tags") else {}
        document = document["taskDefinition"] | tags
    if not isinstance(document, dict) or not document:
        raise UsageError(
            f"{file} holds no task definition: a JSON object with family and containerDefinitions is needed"
        )
    return document


@dataclass(frozen=True, slots=True)
class Launcher:
    """Registers definitions and runs them in one cluster."""

    lab: Lab
    ecs: Any
    cluster: str
    say: Say

    @classmethod
    def prepare(cls, lab: Lab, cluster: str, say: Say) -> "Launcher":
        """
        Make sure that the cluster exists.

        Raises:
            TaskscopeError: The lab refused.
        """
        ecs = lab.client("ecs")
        with plain_errors(lab.url):
            found = ecs.describe_clusters(clusters=[cluster])["clusters"]
            if not any(item["status"] == "ACTIVE" for item in found):
                ecs.create_cluster(clusterName=cluster)
                say(f"cluster {cluster} created")
        return cls(lab, ecs, cluster, say)

    def register(self, definition: Document) -> Document:
        """
        Register a revision and return it; members that only AWS sets are left out.

        Raises:
            UsageError: The document does not fit the service model.
            TaskscopeError: The lab refused.
        """
        model = self.ecs.meta.service_model
        only_answered = set(model.shape_for("TaskDefinition").members) - set(
            model.operation_model("RegisterTaskDefinition").input_shape.members
        )
        request = {name: value for name, value in definition.items() if name not in only_answered}
        with plain_errors(self.lab.url):
            answer: Document = self.ecs.register_task_definition(**request)["taskDefinition"]
        self.say(f"task definition {answer['family']}:{answer['revision']} registered")
        return answer

    def run_tasks(self, definition: Document, count: int) -> list[str]:
        """
        Run tasks and return their ARNs.

        Raises:
            TaskscopeError: The lab refused, or could not place a task.
        """
        arns: list[str] = []
        with plain_errors(self.lab.url):
            while (left := count - len(arns)) > 0:
                answer = self.ecs.run_task(
                    cluster=self.cluster, count=min(left, _RUN_AT_MOST), **_placement(definition)
                )
                if answer["failures"]:
                    failures = ", ".join(
                        f"{item.get('reason')} {item.get('detail', '')}" for item in answer["failures"]
                    )
                    raise TaskscopeError(f"RunTask: {failures.strip()}")
                arns += [task["taskArn"] for task in answer["tasks"]]
        return arns

    def put_service(self, name: str, definition: Document, count: int, settings: Document | None = None) -> Document:
        """
        Create a service, or give an existing one this definition and count; return it.

        Raises:
            TaskscopeError: The lab refused.
        """
        with plain_errors(self.lab.url):
            found = self.ecs.describe_services(cluster=self.cluster, services=[name])["services"]
            if any(item["status"] == "ACTIVE" for item in found):
                answer: Document = self.ecs.update_service(
                    cluster=self.cluster, service=name, taskDefinition=definition["taskDefinitionArn"],
                    desiredCount=count, **(settings or {}),
                )["service"]  # fmt: skip
                self.say(f"service {name} updated")
            else:
                answer = self.ecs.create_service(
                    cluster=self.cluster,
                    serviceName=name,
                    desiredCount=count,
                    **_placement(definition),
                    **(settings or {}),
                )["service"]
                self.say(f"service {name} created")
        return answer

    def first_tasks(self, service: Document, watcher: Watcher) -> list[Document]:
        """Return the tasks that a service's newest deployment has started; waits a moment for them."""
        [primary] = [item for item in service["deployments"] if item["status"] == "PRIMARY"]
        tasks: list[Document] = []

        def started() -> bool:
            tasks[:] = [task for task in watcher.tasks_of(service) if task.get("startedBy") == primary["id"]]
            return len(tasks) >= int(service["desiredCount"])

        with plain_errors(self.lab.url):
            until(started, at_most=_FIRST_TASKS_SECONDS)
        return tasks


def wait_for_tasks(watcher: Watcher, arns: list[str]) -> list[Document]:
    """Wait until every task has stopped and return them as they ended."""
    ended: list[Document] = []

    def all_stopped() -> bool:
        ended[:] = watcher.tasks(arns)
        return all(task["lastStatus"] == "STOPPED" for task in ended)

    until(all_stopped)
    return ended


def wait_until_steady(watcher: Watcher, name: str) -> None:
    """
    Wait until a service is steady.

    Raises:
        TaskscopeError: Its deployment failed, or its tasks cannot start.
    """

    def settled() -> bool:
        service = watcher.service(name)
        watcher.tasks_of(service)
        if any(item.get("rolloutState") == "FAILED" for item in service["deployments"]):
            raise TaskscopeError(f"the deployment of service {name} has failed")
        if service["events"] and IMPAIRED in service["events"][0]["message"]:
            raise TaskscopeError(f"service {name} is {IMPAIRED} successfully")
        return is_steady(service)

    until(settled)


def failed_containers(task: Document, definition: Document) -> list[str]:
    """Return the names of essential containers that did not end with exit code 0."""
    essential = {item["name"] for item in definition["containerDefinitions"] if item.get("essential", True)}
    return [item["name"] for item in task["containers"] if item["name"] in essential and item.get("exitCode") != 0]


def _placement(definition: Document) -> Document:
    """Return the members of RunTask and CreateService that follow from the definition."""
    fargate = "FARGATE" in definition.get("requiresCompatibilities", [])
    placement: Document = {
        "taskDefinition": definition["taskDefinitionArn"],
        "launchType": "FARGATE" if fargate else "EC2",
    }
    if definition.get("networkMode") == "awsvpc":
        placement["networkConfiguration"] = _NETWORK
    return placement
