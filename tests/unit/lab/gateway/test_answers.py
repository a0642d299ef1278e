import json

import pytest

from taskscope.lab.gateway.answers import encode
from taskscope.lab.gateway.encode import ModelError
from taskscope.lab.gateway.models import service_model


def test_rest_members_go_where_the_model_puts_them() -> None:
    """Status, headers and a raw payload for Invoke."""
    operation = service_model("lambda").operation_model("Invoke")

    answer = encode(
        operation,
        {
            "StatusCode": 202,
            "FunctionError": "Unhandled",
            "LogResult": None,
            "ExecutedVersion": "$LATEST",
            "Payload": b"\x00",
        },
    )

    assert (answer.status, answer.body) == (202, b"\x00")
    assert answer.headers["X-Amz-Function-Error"] == "Unhandled"
    assert answer.headers["X-Amz-Executed-Version"] == "$LATEST"
    assert "X-Amz-Log-Result" not in answer.headers


def test_an_empty_payload_is_an_empty_body() -> None:
    """An event invocation answers nothing but its status."""
    answer = encode(service_model("lambda").operation_model("Invoke"), {"StatusCode": 202})
    assert (answer.status, answer.body) == (202, b"")


def test_rest_answers_without_payload_are_json() -> None:
    """X-Ray's answers have their members in the body."""
    answer = encode(service_model("xray").operation_model("GetSamplingRules"), {"SamplingRuleRecords": []})
    assert json.loads(answer.body) == {"SamplingRuleRecords": []}
    assert answer.headers["content-type"] == "application/json"


def test_an_operation_without_output_answers_nothing() -> None:
    """The body is empty, and members are a bug."""
    operation = service_model("logs").operation_model("CreateLogGroup")
    assert encode(operation, {}).body == b""
    with pytest.raises(ModelError, match="answers nothing"):
        encode(operation, {"arn": "x"})


@pytest.mark.parametrize("answer", [{"Payloads": b""}, {"Payload": "text"}, {"ExecutedVersion": 1}])
def test_rest_answers_are_strict_too(answer: dict[str, object]) -> None:
    """Unknown members and wrong types are refused wherever they would go."""
    with pytest.raises(ModelError):
        encode(service_model("lambda").operation_model("Invoke"), answer)
