"""
Recorded states of AWS, format 1: one task with its service, definition and logs, as a JSON file.

Members have the names of the AWS service models. Times of ECS are ISO 8601 strings; log times are
epoch milliseconds. ``tests/fixtures/golden/README.md`` describes the format.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from taskscope.errors import UsageError
from taskscope.lab.ecs.service import EcsService
from taskscope.lab.gateway.service import Document
from taskscope.lab.json_file import read_json
from taskscope.lab.logs.service import LogsService

FORMAT: Final = 1

_NEEDED: Final = {
    "region": str, "account": str, "cluster": str, "taskId": str, "clock": str,
    "task": dict, "taskDefinition": dict, "logGroups": list,
}  # fmt: skip
_NAMES: Final = {str: "string", dict: "object", list: "list"}
_HINT: Final = "tests/fixtures/golden/README.md in Taskscope's repository describes the format"


@dataclass(frozen=True, slots=True)
class RecordedState:
    """What a file holds: ``document`` is all of it, the other members are what people are told about it."""

    file: Path
    title: str
    region: str
    cluster: str
    task_id: str
    clock: datetime
    """The "now" of the recording, for ``taskscope trace --now``."""
    document: Document


def read_state(file: Path) -> RecordedState:
    """
    Read a recorded state.

    Raises:
        UsageError: The file cannot be read or is no JSON, or one of the outer members is missing or of another type.
    """
    document = read_json(file, "the state")
    if wrong := _wrong(document):
        raise UsageError(f"{file} is no recorded state: {wrong}", hint=_HINT)
    return RecordedState(
        file=file,
        title=str(document.get("title", "")),
        region=document["region"],
        cluster=document["cluster"],
        task_id=document["taskId"],
        clock=datetime.fromisoformat(document["clock"]),
        document=document,
    )


def load_state(state: RecordedState, *, ecs: EcsService, logs: LogsService) -> None:
    """
    Put a recorded state into the control planes, below their API: calls cannot set the times of a task.

    Raises:
        UsageError: An inner member is missing, of another type or unknown to AWS's model; the message names it.
    """
    try:
        ecs.load(state.document)
        logs.seed(state.region, state.document["logGroups"])
    except UsageError as error:
        raise UsageError(f"{state.file} is no recorded state: {error.message}", hint=error.hint or _HINT) from None


def _wrong(document: Any) -> str:
    """Say what keeps a document from being a state; empty if nothing does."""
    if not isinstance(document, dict):
        return "it is no JSON object"
    if document.get("format") != FORMAT:
        return f"format is {document.get('format')!r}, this version reads {FORMAT}"
    for name, kind in _NEEDED.items():
        if document.get(name) is None:
            return f"member {name} is missing"
        if not isinstance(document[name], kind):
            return f"member {name} is no {_NAMES[kind]}"
    try:
        aware = datetime.fromisoformat(document["clock"]).tzinfo is not None
    except ValueError:
        aware = False
    return "" if aware else f"clock is {document['clock']!r}, no ISO 8601 time with an offset"
