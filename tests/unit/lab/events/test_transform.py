"""What a target receives."""

import json
from typing import Any

import pytest

from taskscope.lab.events.transform import Origin, PathError, check_path, shape

_EVENT: dict[str, Any] = {
    "id": "1",
    "detail-type": "ECS Task State Change",
    "detail": {"lastStatus": "STOPPED", "exitCode": 1, "containers": [{"name": 'a "b"'}], "o": {"k": [1]}},
}
_ORIGIN = Origin("arn:aws:events:us-east-1:123456789012:rule/stopped", "stopped", "2026-11-20T09:00:00Z")


def test_whole_event_is_the_default() -> None:
    """Without further words a target gets the event as JSON."""
    assert json.loads(shape({}, _EVENT, _ORIGIN)) == _EVENT


def test_constant_input_replaces_the_event() -> None:
    """``Input`` is handed over as it was written."""
    assert shape({"Input": '{"a":  1}'}, _EVENT, _ORIGIN) == '{"a":  1}'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", _EVENT),
        ("$.detail.lastStatus", "STOPPED"),
        ("$.detail-type", "ECS Task State Change"),
        ("$.detail.containers[0].name", 'a "b"'),
        ("$['detail']['exitCode']", 1),
        ("$.detail.containers[7]", None),
        ("$.detail.nothing.below", None),
    ],
)
def test_input_path_takes_a_part(path: str, expected: object) -> None:
    """``InputPath`` hands over the part it names as JSON, null when there is none."""
    assert json.loads(shape({"InputPath": path}, _EVENT, _ORIGIN)) == expected


@pytest.mark.parametrize("path", ["detail", "$detail", "$.", "$.a[x]", "$..a", ""])
def test_bad_path_is_refused(path: str) -> None:
    """A text that is no path is refused before any event comes."""
    with pytest.raises(PathError, match="no path"):
        check_path(path)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{"status": <status>, "code": <code>}', '{"status": "STOPPED", "code": 1}'),
        ('"task is <status>, code <code>"', '"task is STOPPED, code 1"'),
        ('{"t": "<name>"}', '{"t": "a \\"b\\""}'),
        ('{"o": <o>, "m": <missing>}', '{"o": {"k":[1]}, "m": null}'),
        ('"[<missing>] <unknown>"', '"[] <unknown>"'),
        ('"<aws.events.rule-name> <aws.events.event.ingestion-time>"', '"stopped 2026-11-20T09:00:00Z"'),
        ('{"a": <aws.events.rule-arn>}', f'{{"a": "{_ORIGIN.rule_arn}"}}'),
        ('"escaped \\" then <status>"', '"escaped \\" then STOPPED"'),
    ],
)
def test_template_is_filled(template: str, expected: str) -> None:
    """A variable is JSON outside quotes and text inside; what is not a variable stays."""
    paths = {
        "status": "$.detail.lastStatus",
        "code": "$.detail.exitCode",
        "name": "$.detail.containers[0].name",
        "o": "$.detail.o",
        "missing": "$.detail.nothing",
    }
    target = {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}

    assert shape(target, _EVENT, _ORIGIN) == expected


def test_template_can_hold_the_whole_event() -> None:
    """The reserved variables give the event with and without its detail."""
    template = '{"all": <aws.events.event.json>, "head": <aws.events.event>}'

    made = json.loads(shape({"InputTransformer": {"InputTemplate": template}}, _EVENT, _ORIGIN))

    assert made["all"] == _EVENT
    assert made["head"] == {"id": "1", "detail-type": "ECS Task State Change"}
