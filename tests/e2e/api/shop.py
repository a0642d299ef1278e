"""One order of a shop, as X-Ray's SDKs send it: an API on Fargate, a table, a payment service that fails."""

import json
import time
from typing import Any, Final

TRACE_ID: Final = f"1-{int(time.time()):08x}-9b1e4c77a0d3f2e5c6b7a899"
START: Final = float(int(time.time()) - 30)
_CHARGE: Final = {
    "request": {"method": "POST", "url": "https://payments.shop.test/charge"},
    "response": {"status": 503},
}


def order() -> list[dict[str, Any]]:
    """Return the segment documents of the order."""
    return [
        {
            "name": "shop-api",
            "id": "3f2a9c0d11e4b7a8",
            "trace_id": TRACE_ID,
            "start_time": START,
            "end_time": START + 0.5,
            "origin": "AWS::ECS::Fargate",
            "user": "u-17",
            "http": {"request": {"method": "POST", "url": "https://shop.test/orders"}, "response": {"status": 502}},
            "fault": True,
            "annotations": {"tenant": "acme", "cart_items": 3, "beta": False},
            "metadata": {"default": {"note": {"a": [1, 2]}}},
            "subsegments": [
                {
                    "id": "51b0c7d8e9f0a1b2",
                    "name": "DynamoDB",
                    "namespace": "aws",
                    "start_time": START + 0.1,
                    "end_time": START + 0.15,
                    "aws": {"operation": "PutItem", "table_name": "orders", "resource_names": ["orders"]},
                    "http": {"response": {"status": 200}},
                },
                {
                    "id": "62c1d8e9f0a1b2c3",
                    "name": "payments.shop.test",
                    "namespace": "remote",
                    "start_time": START + 0.2,
                    "end_time": START + 0.45,
                    "fault": True,
                    "http": _CHARGE,
                },
            ],
        },
        {
            "name": "payments",
            "id": "73d2e9f0a1b2c3d4",
            "trace_id": TRACE_ID,
            "parent_id": "62c1d8e9f0a1b2c3",
            "start_time": START + 0.22,
            "end_time": START + 0.42,
            "origin": "AWS::ECS::Fargate",
            "http": {
                "request": {"method": "POST", "url": "https://payments.shop.test/charge"},
                "response": {"status": 503},
            },
            "fault": True,
            "cause": {
                "working_directory": "/app",
                "exceptions": [{"id": "84e3f0a1b2c3d4e5", "type": "UpstreamError", "message": "the bank is closed"}],
            },
        },
    ]


def documents() -> list[str]:
    """Return them as PutTraceSegments takes them."""
    return [json.dumps(each) for each in order()]
