"""CloudWatch's metrics as gauges."""

import json
from typing import Any

import pytest

from taskscope.errors import MalformedPayloadError
from taskscope.wire.insights.metric_data import decode_metric_data

_CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod"


def _body(*results: dict[str, Any]) -> bytes:
    return json.dumps({"cluster_arn": _CLUSTER, "results": results}).encode()


def _result(**more: Any) -> dict[str, Any]:
    return {"metric": "CPUUtilization", "service": "web", "times_ms": [1_000], "values": [37.5], **more}


def test_percents_become_shares() -> None:
    """Of a service, and of a cluster where none is named; marked as CloudWatch's."""
    service, cluster = decode_metric_data(_body(_result(), _result(metric="MemoryUtilization", service="")))

    assert (service.metric.name, service.value, service.time_ns) == (
        "aws.ecs.service.cpu.utilization",
        0.375,
        1_000_000_000,
    )
    assert service.resource.attributes["aws.ecs.service.name"] == "web"
    assert service.resource.attributes["taskscope.measured_by"] == "cloudwatch"
    assert cluster.metric.name == "aws.ecs.cluster.memory.utilization"
    assert "aws.ecs.service.name" not in cluster.resource.attributes
    assert cluster.resource.service_name == "prod"


@pytest.mark.parametrize(
    "body",
    [b"{}", b"\xff", _body(_result(metric="GPU")), _body(_result(values=[])), _body(_result(times_ms=[1 << 62]))],
)
def test_what_is_something_else_is_refused(body: bytes) -> None:
    """It goes to quarantine."""
    with pytest.raises(MalformedPayloadError):
        decode_metric_data(body)
