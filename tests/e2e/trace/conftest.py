"""An embedded AWS without a runner, into which tests of the timeline load incidents."""

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias, cast

import pytest

from taskscope.aws.session import Account
from taskscope.lab.gateway.service import ApiError, Call, Document, Operation
from taskscope.lab.threaded import ThreadedAws, embedded_aws

Load: TypeAlias = Callable[[dict[str, Any]], None]
Refuse: TypeAlias = Callable[..., None]


@pytest.fixture(scope="module")
def recorded() -> Iterator[ThreadedAws]:
    """Give an embedded AWS that holds recorded tasks only."""
    with embedded_aws(runner=False) as aws:
        yield aws


@pytest.fixture(scope="module")
def account(recorded: ThreadedAws) -> Iterator[Account]:
    """Give the way into the embedded AWS for tests that call the product's functions in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in recorded.environment.items():
            patch.setenv(name, value)
        yield Account()


@pytest.fixture(scope="module")
def load(recorded: ThreadedAws) -> Load:
    """Give ``load(state)``: puts a recorded state into the embedded AWS, below its API."""

    def put(state: dict[str, Any]) -> None:
        def seed() -> None:
            recorded.aws.ecs.load(state)
            recorded.aws.logs.seed(state["region"], state["logGroups"])

        recorded.call(seed)

    return put


@pytest.fixture(scope="module")
def load_golden(load: Load) -> Callable[[Path], dict[str, Any]]:
    """Give ``load_golden(folder)``: loads a golden state, once for the module, and returns it."""

    @functools.cache
    def put(folder: Path) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((folder / "state.json").read_text())
        load(state)
        return state

    return put


@pytest.fixture
def refuse(recorded: ThreadedAws) -> Iterator[Refuse]:
    """Give ``refuse(service, operation, code, message)``: an operation fails until the test ends."""
    with pytest.MonkeyPatch.context() as patch:

        def begin(service: str, operation: str, code: str, message: str = "no") -> None:
            def answer(_call: Call) -> Document:
                raise ApiError(code, message)

            owner = recorded.aws.ecs if service == "ecs" else recorded.aws.logs
            patch.setitem(cast("dict[str, Operation]", owner.operations), operation, answer)

        yield begin
