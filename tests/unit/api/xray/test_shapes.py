"""Requests and answers of the X-Ray API by botocore's model."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies

from taskscope.api.xray.errors import AwsError
from taskscope.api.xray.operations import OF_BOTH, PATHS, WRITES
from taskscope.api.xray.shapes import ShapeError, operation_model, read_input, write_output


def test_paths_are_those_of_the_model() -> None:
    """None is missing, none is misspelt, and all are called by POST."""
    model = operation_model("GetGroups").service_model

    assert {name: model.operation_model(name).http["requestUri"] for name in model.operation_names} == PATHS
    assert {model.operation_model(name).http["method"] for name in model.operation_names} == {"POST"}
    assert set(PATHS) >= WRITES | OF_BOTH


@pytest.mark.parametrize(
    ("operation", "given", "said"),
    [
        ("GetGroup", {"GroupName": 7}, "'7' at 'GroupName' failed to satisfy constraint: Member must be a string"),
        ("CreateGroup", {}, "Value null at 'GroupName' failed"),
        ("CreateGroup", {"GroupName": ""}, "length greater than or equal to 1"),
        ("CreateGroup", {"GroupName": "x" * 33}, "length less than or equal to 32"),
        ("BatchGetTraces", {"TraceIds": "1-2-3"}, "Member must be a list"),
        ("BatchGetTraces", {"TraceIds": ["a", "x" * 36]}, "'TraceIds.2.member'"),
        ("GetTraceSummaries", {"StartTime": "never", "EndTime": 1}, "'StartTime'"),
        ("GetTraceSummaries", {"StartTime": True, "EndTime": 1}, "'StartTime'"),
        ("GetTraceSummaries", {"StartTime": 1e300, "EndTime": 1}, "'StartTime'"),
        ("GetTraceSummaries", {"StartTime": 1, "EndTime": 2, "TimeRangeType": "Now"}, "enum value set: [TraceId"),
        ("GetTraceSummaries", {"StartTime": 1, "EndTime": 2, "Sampling": "yes"}, "Member must be a boolean"),
        ("PutEncryptionConfig", {"Type": "KMS", "KeyId": "x" * 3001}, "..."),
    ],
)
def test_what_the_model_does_not_allow_is_named(operation: str, given: dict[str, Any], said: str) -> None:
    """In AWS's wording, shortened where a sender was long."""
    with pytest.raises(AwsError) as refused:
        read_input(operation, given)

    assert said in refused.value.message
    assert refused.value.message.startswith("1 validation error detected: ")


def test_times_are_nanoseconds_and_unknown_members_are_dropped() -> None:
    """Clients send seconds with a fraction, or ISO 8601; a newer client's members do no harm."""
    given = {"StartTime": 1_700_000_000.125, "EndTime": "2023-11-14T22:13:21Z", "Novelty": 1, "NextToken": None}

    assert read_input("GetTraceSummaries", given) == {
        "StartTime": 1_700_000_000_125_000_000,
        "EndTime": 1_700_000_001_000_000_000,
    }


def test_answers_have_seconds_and_no_nulls() -> None:
    """As REST-JSON has them."""
    moment = round(datetime(2026, 1, 1, tzinfo=UTC).timestamp())

    written = write_output("GetTraceSummaries", {"ApproximateTime": moment * 10**9, "NextToken": None})

    assert written == {"ApproximateTime": float(moment)}


@pytest.mark.parametrize("document", [{"Groups": "x"}, {"Group": []}, {"Groups": [{"GroupName": 7}]}])
def test_an_answer_that_does_not_fit_the_model_is_a_mistake_of_ours(document: dict[str, Any]) -> None:
    """It is found by tests, before a client fails to read it."""
    with pytest.raises(ShapeError):
        write_output("GetGroups", document)


_SCALARS = strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats()
_JSON = strategies.recursive(
    _SCALARS | strategies.text(max_size=8),
    lambda inside: strategies.lists(inside, max_size=3) | strategies.dictionaries(strategies.text(max_size=8), inside),
    max_leaves=8,
)


@given(data=strategies.data(), operation=strategies.sampled_from(sorted(PATHS)))
def test_whatever_comes_is_read_or_refused(data: strategies.DataObject, operation: str) -> None:
    """Never another error: with members of the model, and values of any type."""
    shape: Any = operation_model(operation).input_shape
    members = {} if shape is None else shape.members
    names = strategies.sampled_from([*members, "Novelty"])
    inner = sorted({name for each in members.values() if each.type_name == "structure" for name in each.members})
    likely = strategies.dictionaries(strategies.sampled_from([*inner, "Novelty"]), _JSON, max_size=4)
    document = data.draw(strategies.dictionaries(names, _JSON | likely, max_size=4))

    with suppress(AwsError):
        assert set(read_input(operation, document)) <= set(members)
