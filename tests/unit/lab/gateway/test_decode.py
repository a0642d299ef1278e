import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskscope.lab.gateway.decode import decode
from taskscope.lab.gateway.http import Request
from taskscope.lab.gateway.models import service_model
from taskscope.lab.gateway.service import ApiError

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _decode(
    service: str,
    operation: str,
    body: bytes = b"",
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, list[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    request = Request("POST", "/", query or {}, headers or {})
    return decode(service_model(service).operation_model(operation), request, path or {}, body)


def test_members_are_decoded_by_their_shape() -> None:
    """Times become aware datetimes, nulls and unknown members are not there."""
    body = b'{"cluster": "c", "task": "t", "executionStoppedAt": 1, "status": null, "shiny": 1}'
    assert _decode("ecs", "SubmitTaskStateChange", body) == {
        "cluster": "c",
        "task": "t",
        "executionStoppedAt": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
    }


def test_times_are_exact_to_the_millisecond() -> None:
    """Epoch seconds, integers and ISO texts name the same moments."""
    expected = datetime(2026, 11, 20, 5, 6, 20, 315_000, tzinfo=UTC)
    for text in ("1795151180.315", '"2026-11-20T05:06:20.315Z"', '"1795151180.315"'):
        body = f'{{"StartTime": {text}, "EndTime": 1}}'.encode()
        params = _decode("xray", "GetServiceGraph", body)
        assert params == {"StartTime": expected, "EndTime": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)}


def test_members_are_taken_from_path_query_headers_and_payload() -> None:
    """Invoke has all four, and its payload is raw bytes."""
    params = _decode(
        "lambda",
        "Invoke",
        b"\x00not json",
        path={"FunctionName": "f"},
        query={"Qualifier": ["$LATEST"]},
        headers={"x-amz-invocation-type": "Event"},
    )
    assert params == {
        "FunctionName": "f",
        "Qualifier": "$LATEST",
        "InvocationType": "Event",
        "Payload": b"\x00not json",
    }


def test_query_texts_become_numbers() -> None:
    """A number that is none is named by the validator."""
    assert _decode("lambda", "ListFunctions", query={"MaxItems": ["5"]}) == {"MaxItems": 5}
    with pytest.raises(ApiError, match="MaxItems"):
        _decode("lambda", "ListFunctions", query={"MaxItems": ["five"]})


def test_blobs_are_base64() -> None:
    """What is no base64 cannot be read."""
    body = json.dumps({"FunctionName": "f", "Role": "arn:aws:iam::123456789012:role/r", "Code": {"ZipFile": "UEs="}})
    assert _decode("lambda", "CreateFunction", body.encode())["Code"] == {"ZipFile": b"PK"}
    with pytest.raises(ApiError) as caught:
        _decode("lambda", "CreateFunction", body.replace("UEs=", "U!").encode())
    assert caught.value.code == "SerializationException"


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"7", b'"x"', b"\xff", b"[" * 100_000, b'{"logGroupName": NaN}', b'{"logGroupName": "\\ud800"}'],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    """The code is that of AWS for what it cannot read."""
    with pytest.raises(ApiError) as caught:
        _decode("logs", "CreateLogGroup", body)
    assert caught.value.code == "SerializationException"


def test_a_truth_value_is_no_number() -> None:
    """JSON tells them apart, and so does AWS."""
    with pytest.raises(ApiError) as caught:
        _decode("logs", "DescribeLogGroups", b'{"limit": true}')
    assert caught.value.code == "SerializationException"


@pytest.mark.parametrize(
    ("service", "operation", "body", "code", "words"),
    [
        ("ecs", "DescribeTasks", b"{}", "InvalidParameterException", "tasks"),
        ("logs", "CreateLogGroup", b"", "InvalidParameterException", "logGroupName"),
        ("logs", "CreateLogGroup", b'{"logGroupName": ["x"]}', "InvalidParameterException", "logGroupName"),
        ("logs", "CreateLogGroup", b'{"logGroupName": "a b"}', "InvalidParameterException", "pattern"),
        ("logs", "DescribeLogGroups", b'{"limit": 51}', "InvalidParameterException", "less than or equal to 50"),
        ("logs", "DescribeLogGroups", b'{"logGroupClass": "X"}', "InvalidParameterException", "enum value set"),
        ("xray", "GetSamplingTargets", b"{}", "InvalidRequestException", "SamplingStatisticsDocuments"),
        ("events", "PutRule", b"{}", "ValidationException", "Name"),
    ],
)
def test_bad_input_has_the_services_code(service: str, operation: str, *, body: bytes, code: str, words: str) -> None:
    """The text names the member."""
    with pytest.raises(ApiError, match=words) as caught:
        _decode(service, operation, body)
    assert caught.value.code == code


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=40),
        _JSON.map(lambda value: json.dumps(value).encode()),
        st.dictionaries(
            st.sampled_from(["logGroupName", "logStreamName", "logEvents", "entity", "sequenceToken"]), _JSON
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_rubbish_is_decoded_or_refused(body: bytes) -> None:
    """No body raises anything but the declared error."""
    codes = []
    try:
        _decode("logs", "PutLogEvents", body)
    except ApiError as error:
        codes.append(error.code)
    assert set(codes) <= {"SerializationException", "InvalidParameterException"}
