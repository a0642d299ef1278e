"""Who answers sampling polls at the API's port."""

import asyncio
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskscope.app.api.sampling_source import Port, make_sampling
from taskscope.app.processes.context import Context
from taskscope.app.processes.plan import Plan
from taskscope.counters import Counters
from taskscope.errors import UnreachableError
from taskscope.receivers.xray.answers import RULES, TARGETS


@pytest.fixture
def receiver() -> Iterator[tuple[str, int]]:
    """Give the address of something that answers with what it was asked."""

    class Echo(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"path": self.path, "body": body.decode()}).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        host, port = server.server_address[:2]
        yield str(host), port
        server.shutdown()
        thread.join()


def _sampling(folder: Path, **plan: Any) -> Any:
    with Counters() as counters:
        return make_sampling(Context.of(Plan("store", (), str(folder), **plan), counters))


def test_the_receivers_process_is_asked_where_there_is_one(tmp_path: Path, receiver: tuple[str, int]) -> None:
    """It hands reservoirs out; two that did would hand out twice as much."""
    sampling = _sampling(tmp_path, address={"xray-tcp": receiver})

    for path in (TARGETS, RULES, RULES):
        answer = asyncio.run(sampling.answers.answer(path, b'{"a": 1}'))
        assert json.loads(answer.body) == {"path": path, "body": '{"a": 1}'}


def test_without_a_receiver_rules_are_answered_here(tmp_path: Path) -> None:
    """Those of the configuration, and those that were set through the API."""
    rule = {"rule_name": "always", "priority": 1, "fixed_rate": 1.0, "reservoir_size": 0}
    sampling = _sampling(tmp_path, sampling_rules=[rule])

    answer = asyncio.run(sampling.answers.answer(RULES, b"{}"))

    names = [each["SamplingRule"]["RuleName"] for each in json.loads(answer.body)["SamplingRuleRecords"]]
    assert names == ["always", "Default"]
    assert [each.rule_name for each in sampling.rules.rules()] == names


@pytest.mark.parametrize(
    ("server", "ours"),
    [
        ({}, True),
        ({"sampling_from": "aws"}, False),
        ({"to": ("xray",)}, False),
        ({"to": ("xray",), "sampling_from": "own"}, True),
    ],
)
def test_rules_are_changed_where_they_are_ours(tmp_path: Path, server: dict[str, Any], ours: bool) -> None:  # noqa: FBT001 (a column)
    """As the receiver decides whose rules it answers."""
    assert (_sampling(tmp_path, settings={"server": server}).rules is not None) == ours


def test_a_receiver_that_is_away_is_said_to_be(receiver: tuple[str, int]) -> None:
    """It is being started again: the client comes again."""
    host, _ = receiver

    with pytest.raises(UnreachableError, match="does not answer"):
        Port(host, 1).forward(RULES, b"{}")
