"""A server with one order in its store, and the clients that ask it."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import boto3
import pytest

from tests.e2e.api.shop import TRACE_ID, documents
from tests.e2e.collect.collector import Collector

Get: TypeAlias = Callable[[str], Any]


def xray_client(collector: Collector, *, key: str = "any", port: str = "api") -> Any:
    """Return an unmodified client of the X-Ray API."""
    return boto3.client(
        "xray",
        endpoint_url=f"http://127.0.0.1:{collector.ports[port]}",
        region_name="eu-west-1",
        aws_access_key_id="anybody",
        aws_secret_access_key=key,
    )


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """Give a server that has the order."""
    with Collector(tmp_path_factory.mktemp("shop"), "--receivers", "xray,otlp") as collector:
        answer = xray_client(collector).put_trace_segments(TraceSegmentDocuments=documents())
        assert answer["UnprocessedTraceSegments"] == []
        trace = TRACE_ID.replace("1-", "", 1).replace("-", "")
        collector.until_sql("SELECT count() FROM spans WHERE lower(hex(TraceId)) = {trace:String}", [[4]], trace=trace)
        yield collector


@pytest.fixture(scope="session")
def xray(shop: Collector) -> Any:
    """Give a client of the X-Ray API."""
    return xray_client(shop)


@pytest.fixture(scope="session")
def get(shop: Collector) -> Get:
    """Give ``get(path)``: asks the REST or Jaeger API, and returns the document."""

    def ask(path: str) -> Any:
        url = f"http://127.0.0.1:{shop.ports['api']}{path}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)

    return ask
