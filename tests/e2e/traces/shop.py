"""Orders of a shop over the X-Ray SDKs' protocol: every tenth is refused by the payment service, one has logs."""

import json
import socket
import time
from typing import Any, Final

ORDERS: Final = 20
_FAILS_AT: Final = 3


def trace_id(number: int, began: float) -> str:
    """Return X-Ray's spelling of an order's trace."""
    return f"1-{int(began):08x}-{number + 1:024x}"


def is_refused(number: int) -> bool:
    """Whether an order fails."""
    return number % 10 == _FAILS_AT


def documents(number: int, began: float) -> list[dict[str, Any]]:
    """Return the two segment documents of an order: the shop's and the payment service's."""
    start = began + number * 0.1
    ids = [f"{number * 16 + each + 1:016x}" for each in range(6)]
    refused = is_refused(number)
    call: dict[str, Any] = {
        "id": ids[2],
        "name": "payments.shop",
        "namespace": "remote",
        "start_time": start + 0.032,
        "end_time": start + 0.36,
        "fault": refused,
        "http": {
            "request": {"method": "POST", "url": "http://payments.shop/charge", "traced": True},
            "response": {"status": 503 if refused else 200},
        },
    }
    if refused:
        stack = [{"path": "pay.py", "line": 42, "label": "charge"}]
        call["cause"] = {
            "working_directory": "/app",
            "exceptions": [
                {"id": ids[5], "type": "UpstreamError", "message": "no money", "remote": True, "stack": stack}
            ],
        }
    table = {
        "id": ids[1],
        "name": "DynamoDB",
        "namespace": "aws",
        "start_time": start + 0.01,
        "end_time": start + 0.031,
        "aws": {"operation": "PutItem", "table_name": "orders"},
        "http": {"response": {"status": 200}},
    }
    shop = {
        "name": "shop-api",
        "id": ids[0],
        "trace_id": trace_id(number, began),
        "start_time": start,
        "end_time": start + 0.369 + number * 0.001,
        "origin": "AWS::ECS::Fargate",
        "user": f"u-{number % 5}",
        "http": {
            "request": {"method": "POST", "url": "https://shop.test/orders", "client_ip": "198.51.100.7"},
            "response": {"status": 502 if refused else 200},
        },
        "fault": refused,
        "annotations": {"tenant": "acme" if number % 2 else "initech", "items": number},
        "subsegments": [table, call],
    }
    payments = {
        "name": "payments",
        "id": ids[3],
        "trace_id": trace_id(number, began),
        "parent_id": ids[2],
        "start_time": start + 0.04,
        "end_time": start + 0.35,
        "origin": "AWS::ECS::EC2",
        "http": {"response": {"status": 503 if refused else 200}},
        "fault": refused,
    }
    return [shop, payments]


def send(port: int, began: float) -> None:
    """Send all orders as datagrams."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(ORDERS):
            for document in documents(number, began):
                sender.sendto(b'{"format":"json","version":1}\n' + json.dumps(document).encode(), ("127.0.0.1", port))


def log_of(number: int, began: float) -> bytes:
    """Return an OTLP request with a log record that names the span of the payment service."""
    record = {
        "timeUnixNano": str(int((began + 0.1) * 1e9)),
        "severityText": "ERROR",
        "body": {"stringValue": "charge refused: no money"},
        "traceId": trace_id(number, began).removeprefix("1-").replace("-", ""),
        "spanId": f"{number * 16 + 4:016x}",
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "payments"}}]}
    return json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [record]}]}]}).encode()


def now() -> float:
    """Return a moment half a minute ago, to a tenth of a second: orders are done by now."""
    return round(time.time() - 30, 1)
