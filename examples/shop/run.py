"""
Run the shop in a lab: services, orders, and the commands that show what became of them.

``taskscope lab up`` runs in another terminal; this needs its variables and the packages of the extra ``dev``.
"""

import argparse
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a file, from wherever

from examples.shop.definitions import PORT, service, traffic

from taskscope.errors import TaskscopeError
from taskscope.lab.client.connection import Lab, find_lab, plain_errors
from taskscope.lab.client.launch import Launcher, failed_containers, wait_for_tasks
from taskscope.lab.client.watch import Watcher, until

CLUSTER: Final = "shop"
_PACKAGES: Final = (
    "aws_xray_sdk",
    "flask",
    "opentelemetry.instrumentation.botocore",
    "opentelemetry.instrumentation.flask",
    "opentelemetry.instrumentation.requests",
    "opentelemetry.instrumentation.sqlite3",
    "opentelemetry.propagators.aws",
    "opentelemetry.sdk.extension.aws",
)
_START_SECONDS: Final = 90.0
_LAST_SECONDS: Final = 30.0
"""How long the last spans may take to the store."""


class Shop:
    """The services that run in a lab."""

    def __init__(self, lab: Lab, mode: str) -> None:
        self._lab = lab
        self._mode = mode
        self._launcher = Launcher.prepare(lab, CLUSTER, say)
        self._watcher = Watcher(self._launcher.ecs, CLUSTER, say)

    def open(self) -> dict[str, str]:
        """Make what the shop needs of AWS and start its services; return the variables of the traffic."""
        topic = self._stock()
        mailer = self._start("mailer", {"TOPIC_ARN": topic})
        payments = self._start("payments", {"MAILER_URL": mailer})
        shop = self._start("shop-api", {"PAYMENTS_URL": payments})
        return {"SHOP_URL": shop, "PAYMENTS_URL": payments, "MAILER_URL": mailer}

    def send(self, orders: int, environment: dict[str, str]) -> None:
        """
        Send orders and wait until all are answered.

        Raises:
            TaskscopeError: One of them was not answered as it should be.
        """
        definition = traffic(
            region=self._lab.region, environment={**environment, "ORDERS": str(orders)}, mode=self._mode
        )
        registered = self._launcher.register(definition)
        [task] = wait_for_tasks(self._watcher, self._launcher.run_tasks(registered, 1))
        if failed_containers(task, registered):
            raise TaskscopeError("orders were not answered as they should be", hint="taskscope logs /shop/traffic")

    def _stock(self) -> str:
        """Make tables, bucket and topic, new where they are there already; return the topic's ARN."""
        dynamodb, s3, sns = (self._lab.client(name) for name in ("dynamodb", "s3", "sns"))
        for table, key in (("prices", "item"), ("charges", "charge")):
            if table in dynamodb.list_tables()["TableNames"]:
                dynamodb.delete_table(TableName=table)
            dynamodb.create_table(
                TableName=table,
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        dynamodb.put_item(TableName="prices", Item={"item": {"S": "tea"}, "cents": {"N": "450"}})
        dynamodb.put_item(TableName="charges", Item={"charge": {"S": "paid-already"}})
        s3.create_bucket(Bucket="receipts")
        topic: str = sns.create_topic(Name="receipts")["TopicArn"]
        return topic

    def _start(self, name: str, environment: dict[str, str]) -> str:
        """Start a service anew; return the URL at which the others reach it."""
        definition = self._launcher.register(
            service(name, region=self._lab.region, environment=environment, mode=self._mode)
        )
        self._launcher.put_service(name, definition, 1)
        urls: list[str] = []

        def is_reachable() -> bool:
            tasks = self._watcher.tasks_of(self._watcher.service(name))
            new = [task for task in tasks if task["taskDefinitionArn"] == definition["taskDefinitionArn"]]
            urls[:] = [url for task in new for each in task["containers"] if (url := url_of(name, each))]
            return bool(urls)

        if not until(is_reachable, at_most=_START_SECONDS):
            raise TaskscopeError(f"service {name} did not start", hint=f"taskscope logs /shop/{name}")
        return urls[0]


def url_of(name: str, container: dict[str, Any]) -> str:
    """
    Return where a service's app is reached: by its name in a network of its own, else by its port of this machine.

    Raises:
        TaskscopeError: It should have a network of its own, and has not.
    """
    if container["name"] != "app":
        return ""
    for binding in container.get("networkBindings", []):
        return f"http://127.0.0.1:{binding['hostPort']}"
    for interface in container.get("networkInterfaces", []):
        if interface["privateIpv4Address"] == "127.0.0.1":
            raise TaskscopeError("this lab cannot give tasks a network of their own", hint="give --bridge")
        return f"http://{name}:{PORT}"
    return ""


def wait_for_traces(lab: Lab, orders: int, *, since: float) -> None:
    """
    Wait until the lab has a trace of each order, with nothing in progress.

    Raises:
        TaskscopeError: They do not come.
    """
    pages = lab.client("xray").get_paginator("get_trace_summaries")

    def all_there() -> bool:
        listed = pages.paginate(StartTime=since, EndTime=time.time() + 1)
        return sum(not each["IsPartial"] for page in listed for each in page["TraceSummaries"]) >= orders

    if not until(all_there, at_most=_LAST_SECONDS):
        raise TaskscopeError(f"not all of the {orders} traces have come within {_LAST_SECONDS:g} s")


def say(line: str) -> None:
    """Tell what happens."""
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Run the shop."""
    parser = argparse.ArgumentParser(description="Run a shop of three services in a running `taskscope lab up`.")
    parser.add_argument("-n", "--orders", type=int, default=40, help="how many orders are sent (40)")
    parser.add_argument("--bridge", action="store_true", help="for labs that are not root: tasks share the network")
    given = parser.parse_args()
    if missing := [name for name in _PACKAGES if not is_installed(name)]:
        say(f"the shop needs packages of the extra dev, such as {missing[0]}: pip install -e '.[dev]'")
        return 2
    try:
        lab = find_lab()
        shop = Shop(lab, "bridge" if given.bridge else "awsvpc")
        since = time.time()
        with plain_errors(lab.url):
            shop.send(given.orders, shop.open())
            wait_for_traces(lab, given.orders, since=since)
    except TaskscopeError as error:
        say(str(error))
        return error.exit_code
    print("taskscope map")
    print("taskscope traces --limit 40")
    print("taskscope traces 'fault = true' --group-by url")
    print("taskscope logs '/shop/*' --since 5m")
    return 0


def is_installed(module: str) -> bool:
    """Tell whether a module is there, also where the package that it would be in is not."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(main())
