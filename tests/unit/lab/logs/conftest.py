"""CloudWatch Logs behind the gateway at a fixed time, and a boto3 client of it."""

import itertools
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from mypy_boto3_logs import CloudWatchLogsClient

from taskscope.clock import MILLISECOND, fixed_clock
from taskscope.lab.gateway.app import Gateway
from taskscope.lab.logs.service import LogsService

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def now() -> int:
    """The service's time in epoch milliseconds."""
    return 1_795_000_000_000


@pytest.fixture(scope="module")
def service(now: int) -> LogsService:
    """One CloudWatch Logs for a module; its live tails are quick."""
    return LogsService(clock=fixed_clock(now * MILLISECOND), tail_interval=0.02, tail_session=0.4)


@pytest.fixture(scope="module")
def url(service: LogsService, serve_module: Callable[[Any], str]) -> str:
    """Address of a gateway in front of it."""
    return serve_module(Gateway([service], fallback=None, account="123456789012", region="us-east-1"))


@pytest.fixture(scope="module")
def client(url: str) -> CloudWatchLogsClient:
    """A client without an account that does not try again."""
    config = Config(retries={"max_attempts": 0}, inject_host_prefix=False, parameter_validation=False)
    return boto3.client(
        "logs",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=config,
    )


@pytest.fixture
def group(client: CloudWatchLogsClient) -> str:
    """A log group of this test alone."""
    name = f"/test/{next(_NUMBERS)}"
    client.create_log_group(logGroupName=name)
    return name


@pytest.fixture
def stream(client: CloudWatchLogsClient, group: str) -> str:
    """The stream ``web/app/1`` in the test's group."""
    client.create_log_stream(logGroupName=group, logStreamName="web/app/1")
    return "web/app/1"
