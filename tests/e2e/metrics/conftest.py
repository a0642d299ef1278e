"""A server, and OpenTelemetry's SDK that sends metrics to it."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from urllib.parse import urlencode

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import (
    ExplicitBucketHistogramAggregation,
    ExponentialBucketHistogramAggregation,
    View,
)
from opentelemetry.sdk.resources import Resource

from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import Run

Get: TypeAlias = Callable[..., Any]
Ask: TypeAlias = Callable[..., str]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """Give a server with windows of StatsD of one second."""
    folder = tmp_path_factory.mktemp("metrics")
    with Collector(folder, "--receivers", "statsd,otlp", "--statsd-interval-seconds", "1") as running:
        yield running


@pytest.fixture(scope="session")
def get(server: Collector) -> Get:
    """Give ``get(path, name=value, …)``: asks the REST API about the last half hour."""

    def ask(path: str, **parameters: object) -> Any:
        asked = urlencode({"start": "-30m", **parameters}, doseq=True)
        with urllib.request.urlopen(f"http://127.0.0.1:{server.ports['api']}{path}?{asked}", timeout=30) as answer:
            return json.load(answer)

    return ask


@pytest.fixture
def ask(run: Run, server: Collector) -> Ask:
    """Give ``ask(argument, …)``: runs ``taskscope metrics`` against the server's data directory."""

    def call(*arguments: str) -> str:
        done = run("taskscope", "metrics", *arguments, env={"TASKSCOPE_DATA_DIR": str(server.data)})
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def meters(server: Collector, service: str, temporality: AggregationTemporality) -> MeterProvider:
    """Return an SDK that sends when it is told to; counters and histograms are of the temporality."""
    exporter = OTLPMetricExporter(
        f"http://127.0.0.1:{server.ports['http']}/v1/metrics",
        preferred_temporality={Counter: temporality, Histogram: temporality},
    )
    return MeterProvider(
        [PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)],
        resource=Resource.create({"service.name": service}),
        views=[
            View(instrument_name="sdk.latency", aggregation=ExplicitBucketHistogramAggregation((1, 5, 10))),
            View(instrument_name="sdk.size", aggregation=ExponentialBucketHistogramAggregation()),
        ],
    )
