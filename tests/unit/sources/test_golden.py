"""The recorded timelines, to the byte, without AWS: rules 1 to 13 of tests/fixtures/golden/README.md."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from taskscope.aws.ecs import Ecs
from taskscope.aws.logs import Logs
from taskscope.clock import SECOND, from_datetime
from taskscope.model.ecs import EcsService, Task, TaskDefinition
from taskscope.model.timeline import head_and_tail
from taskscope.render.report import text_lines
from taskscope.sources.timeline import TimelineSource, Wanted

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"


@pytest.mark.parametrize("name", ["nginx-scale-in", "image-pull-typo"])
def test_recorded_timeline_is_reproduced(
    name: str,
    make_ecs: Callable[..., Ecs],
    make_logs: Callable[..., Logs],
    make_source: Callable[..., TimelineSource],
) -> None:
    """Byte for byte, in the zone of the recording and with its window of one minute."""
    state = json.loads((GOLDEN / name / "state.json").read_text(encoding="utf-8"))
    now = from_datetime(datetime.fromisoformat(state["clock"]))
    ecs = make_ecs(
        service=EcsService.from_document(state["service"]) if state["service"] else None,
        definition=TaskDefinition.from_document(state["taskDefinition"]),
    )
    streams = {each["logStreamName"]: each["events"] for group in state["logGroups"] for each in group["logStreams"]}

    with make_source(ecs, make_logs(streams), now=now) as source:
        wanted = Wanted(lambda task: head_and_tail(task, margin=60 * SECOND, now=now))
        timeline = source.collect(Task.from_document(state["task"]), wanted)

    text = "".join(f"{each}\n" for each in text_lines(timeline.events, zone=ZoneInfo(state["timezone"])))
    assert text.encode() == (GOLDEN / name / "expected.txt").read_bytes()
