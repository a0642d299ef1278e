"""Tasks that the store knows to run; its SQL is tried on a real store in tests/e2e/store."""

import json
from collections.abc import Mapping
from typing import Any

from taskscope.app.delivery.known_tasks import teach
from taskscope.pipeline.enrich import TaskAddresses
from taskscope.store.api import Result

_ARN = "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef"


class Known:
    """A store that knows tasks."""

    def __init__(self, *documents: str) -> None:
        self._documents = documents
        self.bounds: dict[str, Any] = {}

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None, **bounds: Any) -> Result:
        """Answer with a row for each document."""
        assert "ecs_tasks" in sql
        assert parameters
        self.bounds = bounds
        rows = [[_ARN, 3, 7, "cluster", "1", "r", "RUNNING", "", each] for each in self._documents]
        return Result((), (), rows, truncated=False)


def _task(address: str) -> str:
    details = [{"name": "privateIPv4Address", "value": address}]
    return json.dumps({"taskArn": _ARN, "lastStatus": "RUNNING", "attachments": [{"type": "eni", "details": details}]})


def test_addresses_of_running_tasks_are_known_after_a_start() -> None:
    """As if their changes had come again."""
    addresses = TaskAddresses()
    store = Known(_task("10.0.0.7"))

    assert teach(store, addresses) == 1
    origin = addresses.origin("10.0.0.7")
    assert origin is not None
    assert origin.task_arn == _ARN
    assert store.bounds["max_rows"] <= 10_000
    assert store.bounds["timeout_seconds"] <= 30


def test_a_document_that_tells_nothing_keeps_no_other_from_being_read() -> None:
    """Whatever once was stored."""
    addresses = TaskAddresses()
    teach(Known("[]", "{}", "null", _task("10.0.0.7")), addresses)

    assert addresses.origin("10.0.0.7") is not None
