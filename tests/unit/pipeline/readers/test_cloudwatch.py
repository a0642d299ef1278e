"""What is read from CloudWatch becomes rows of its signal."""

import json

from taskscope.model.batch import Signal
from taskscope.pipeline.readers.cloudwatch import read_log_events, read_metric_data, read_performance
from taskscope.spool.frame import Frame, Kind

_CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod"


def test_lines_become_records() -> None:
    """One that cannot be read is told beside them."""
    event = {"group": "g", "stream": "s", "time_ns": 5, "message": "m", "id": "7"}
    body = json.dumps({"events": [event, {}], "streams": {"s": {"service.name": "web"}}}).encode()
    [contents] = read_log_events(Frame(Kind.LOG_EVENTS, 1, body), body)

    assert contents.signal == Signal.LOGS
    assert [each.resource.service_name for each in contents.rows] == ["web"]  # type: ignore[union-attr]  # log records
    assert len(contents.invalid) == 1


def test_performance_events_become_datapoints() -> None:
    """Likewise."""
    event = {"Type": "Task", "TaskId": "a", "Timestamp": 1_000, "CpuUtilized": 512}
    body = json.dumps({"cluster_arn": _CLUSTER, "messages": [json.dumps(event), "x"]}).encode()
    [contents] = read_performance(Frame(Kind.PERFORMANCE_EVENTS, 1, body), body)

    assert contents.signal == Signal.METRICS
    assert [each.value for each in contents.rows] == [0.5]  # type: ignore[union-attr]  # datapoints
    assert len(contents.invalid) == 1


def test_metrics_become_datapoints() -> None:
    """Of a service."""
    result = {"metric": "CPUUtilization", "service": "web", "times_ms": [1], "values": [50.0]}
    body = json.dumps({"cluster_arn": _CLUSTER, "results": [result]}).encode()
    [contents] = read_metric_data(Frame(Kind.METRIC_DATA, 1, body), body)

    assert contents.signal == Signal.METRICS
    assert [each.value for each in contents.rows] == [0.5]  # type: ignore[union-attr]  # datapoints
