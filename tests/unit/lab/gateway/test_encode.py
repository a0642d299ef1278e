import base64
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.utils import parse_timestamp

from taskscope.lab.gateway.encode import ModelError, dump
from taskscope.lab.gateway.models import service_model

FIXTURES = Path(__file__).parents[3] / "fixtures"
GOLDEN = sorted((FIXTURES / "golden").glob("*/state.json"))


def _shape(service: str, name: str) -> Any:
    return service_model(service).shape_for(name)


def _with_times(shape: Any, value: Any) -> Any:
    """Turn the recorded ISO texts and epoch numbers into datetimes, wherever the model has a timestamp."""
    if shape.type_name == "structure":
        return {
            name: _with_times(shape.members[name], item) if name in shape.members else item
            for name, item in value.items()
        }
    if shape.type_name == "list":
        return [_with_times(shape.member, item) for item in value]
    return parse_timestamp(value) if shape.type_name == "timestamp" else value


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("describe_tasks.json", "DescribeTasksResponse"),
        ("describe_services.json", "DescribeServicesResponse"),
        ("describe_task_definition.json", "DescribeTaskDefinitionResponse"),
    ],
)
def test_recorded_answers_of_ecs_fit_the_model(name: str, shape: str) -> None:
    """Every member passes, none is lost, and times are seconds with milliseconds."""
    model = _shape("ecs", shape)
    recorded = json.loads((FIXTURES / "ecs" / name).read_text())

    encoded = dump(model, _with_times(model, recorded))

    assert dump(model, _with_times(model, json.loads(json.dumps(encoded)))) == encoded
    assert encoded.keys() == recorded.keys()


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)
def test_golden_states_fit_the_model(path: Path) -> None:
    """Task, service and task definition of each state."""
    state = json.loads(path.read_text())
    for name, shape in (("task", "Task"), ("service", "Service"), ("taskDefinition", "TaskDefinition")):
        if state[name] is not None:
            model = _shape("ecs", shape)
            assert dump(model, _with_times(model, state[name])).keys() == state[name].keys()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"tasks": [{"startedat": None}]}, r"\$\.tasks\[0\]: \['startedat'\] not in Task"),
        (
            {"tasks": [{}, {"containers": [{"exitCode": "1"}]}]},
            r"\$\.tasks\[1\]\.containers\[0\]\.exitCode: '1' is no i",
        ),
        ({"tasks": [{"containers": [{"exitCode": True}]}]}, "True is no integer"),
        ({"tasks": [{"createdAt": "now"}]}, r"\$\.tasks\[0\]\.createdAt: 'now' is no timestamp"),
        ({"tasks": [{"createdAt": datetime(2026, 1, 1)}]}, "no timestamp with a zone"),  # noqa: DTZ001 that is the slip
        ({"tasks": {}}, r"\$\.tasks: \{\} is no list"),
        ({"tasks": ["x"]}, r"\$\.tasks\[0\]: 'x' is no Task"),
        ({"tasks": [{"enableExecuteCommand": 1}]}, "1 is no boolean"),
        ({"tasks": [{"group": 1}]}, "1 is no string"),
    ],
)
def test_a_slip_is_named_with_its_path(answer: dict[str, Any], words: str) -> None:
    """Members and types that the model does not have are bugs of the lab."""
    with pytest.raises(ModelError, match=words):
        dump(_shape("ecs", "DescribeTasksResponse"), answer)


def test_maps_blobs_floats_and_none() -> None:
    """Each kind has its JSON form; None is left out; what JSON cannot say is refused."""
    tags = _shape("logs", "CreateLogGroupRequest")
    assert dump(tags, {"logGroupName": "g", "kmsKeyId": None, "tags": {"a": "b"}}) == {
        "logGroupName": "g",
        "tags": {"a": "b"},
    }
    with pytest.raises(ModelError, match=r"\$\.tags\[a\]: 1 is no string"):
        dump(tags, {"tags": {"a": 1}})
    with pytest.raises(ModelError, match=r"\$\.tags: \[\] is no map"):
        dump(tags, {"tags": []})
    code = _shape("lambda", "FunctionCode")
    assert dump(code, {"ZipFile": b"PK"}) == {"ZipFile": base64.b64encode(b"PK").decode()}
    with pytest.raises(ModelError, match="no blob"):
        dump(code, {"ZipFile": "PK"})
    rule = _shape("xray", "SamplingRule")
    assert dump(rule, {"FixedRate": 1}) == {"FixedRate": 1}
    with pytest.raises(ModelError, match="no number in JSON"):
        dump(rule, {"FixedRate": float("nan")})
    moment = datetime(2021, 12, 3, 2, 6, 21, 633_400, tzinfo=UTC)
    assert dump(_shape("ecs", "Task"), {"createdAt": moment}) == {"createdAt": 1638497181.633}


def test_a_full_page_of_log_events_is_encoded_fast() -> None:
    """10,000 events take 15 ms with their JSON; the bound leaves room for a busy machine."""
    events = [{"timestamp": 1, "message": "x" * 80, "ingestionTime": 2} for _ in range(10_000)]
    shape = _shape("logs", "GetLogEventsResponse")
    dump(shape, {"events": events[:1]})

    times = []
    for _ in range(5):
        started = time.perf_counter()
        json.dumps(dump(shape, {"events": events}))
        times.append(time.perf_counter() - started)

    assert min(times) < 0.06
