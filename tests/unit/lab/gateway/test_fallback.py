from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

from taskscope.lab.gateway.app import Gateway
from taskscope.lab.gateway.fallback import MotoFallback


@pytest.fixture(scope="module")
def url(serve_module: Callable[[Any], str]) -> str:
    """A gateway without services, before moto."""
    return serve_module(Gateway([], fallback=MotoFallback("123456789012"), account="123456789012", region="us-east-1"))


def _client(url: str, service: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]  # any service
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )


def test_moto_answers_other_services(url: str) -> None:
    """Query, json and rest-xml protocols pass, and so do bodies and keys with encoded characters."""
    assert _client(url, "sts").get_caller_identity()["Account"] == "123456789012"
    queue = _client(url, "sqs").create_queue(QueueName="jobs")["QueueUrl"]
    assert queue.endswith("/jobs")
    s3 = _client(url, "s3")
    s3.create_bucket(Bucket="bucket")
    body = bytes(range(256)) * 4_000
    s3.put_object(Bucket="bucket", Key="a b/ü%2F+.txt", Body=body)
    with s3.get_object(Bucket="bucket", Key="a b/ü%2F+.txt")["Body"] as stored:
        assert stored.read() == body
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="bucket")["Contents"]] == ["a b/ü%2F+.txt"]
    s3.delete_object(Bucket="bucket", Key="a b/ü%2F+.txt")
    s3.delete_bucket(Bucket="bucket")  # moto's memory is one for the whole process


def test_moto_does_not_invite_web_pages(url: str) -> None:
    """The headers for other origins that moto adds are taken off."""
    answer = _client(url, "sts").get_caller_identity()
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert "content-type" in headers
    assert not [name for name in headers if name.startswith("access-control")]
