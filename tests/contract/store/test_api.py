"""The REST API over a real store keeps what its OpenAPI document promises, whatever it is asked."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis.specs.openapi import checks

from taskscope.api.app import make_app
from taskscope.app.api.collector_status import CollectorStatus
from taskscope.app.processes.folders import Folders
from taskscope.app.store.admin import OpenedStoreAdmin
from taskscope.app.store.importing import Importer
from taskscope.sinks.store import StoreSink
from taskscope.store.engine import open_store
from taskscope.store.migrate import migrate
from tests.unit.api.parts import make_parts

_TOKEN: Final = "secret"
_HEADERS: Final = {"authorization": f"Bearer {_TOKEN}"}
_UNPROMISED: Final = [checks.positive_data_acceptance, checks.ignored_auth]
"""No schema says what a statement, a filter or a time may be; and who is kept out has tests of its own."""


@pytest.fixture(scope="module")
def schema(embedded_dsn: str) -> Iterator[Any]:
    """Give the document of an application over an empty store."""
    with open_store(embedded_dsn, database="api") as store, tempfile.TemporaryDirectory() as folder:
        migrate(store)
        folders = Folders(Path(folder))
        admin: Any = OpenedStoreAdmin(lambda: store, folders)
        parts = make_parts(
            reader=store, admin=admin, importer=Importer(store, StoreSink(store)), read=_TOKEN, write=_TOKEN
        )
        app = make_app(replace(parts, status=CollectorStatus(lambda: store, folders)))
        made = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers=_HEADERS)
        yield made.exclude(path="/api/logs/tail")  # it does not end


@settings(
    max_examples=3,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=strategies.data())
def test_every_route_answers_as_the_document_says(schema: Any, data: strategies.DataObject) -> None:
    """Status, type and shape of answers, good and bad; never a mistake of the program."""
    for operation in schema.get_all_operations():
        mode = data.draw(strategies.sampled_from(list(schemathesis.GenerationMode)))
        case = data.draw(operation.ok().as_strategy(generation_mode=mode))
        rows_are_judged_alone = case.path.startswith("/api/import")  # a wrong one is told of, and costs no other
        excluded = [*_UNPROMISED, *([checks.negative_data_rejection] if rows_are_judged_alone else [])]
        case.call_and_validate(headers=_HEADERS, excluded_checks=excluded)
