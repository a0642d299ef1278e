"""Where each signal goes."""

from pathlib import Path

import pytest

from taskscope.errors import UsageError
from taskscope.model.batch import Signal
from taskscope.sinks.otlp.config import OtlpSinkConfig
from taskscope.sinks.otlp.endpoint import Endpoint, Signing, endpoints
from taskscope.sinks.target import parse_target


def _endpoints(text: str) -> dict[Signal, Endpoint]:
    return endpoints(OtlpSinkConfig.parse(parse_target(text)))


def test_a_plain_address_takes_all_three_signals() -> None:
    """Nothing is signed, and requests may have 4 MiB."""
    found = _endpoints("otlp=http://host:4318")

    assert {signal: each.url for signal, each in found.items()} == {
        Signal.SPANS: "http://host:4318/v1/traces",
        Signal.LOGS: "http://host:4318/v1/logs",
        Signal.METRICS: "http://host:4318/v1/metrics",
    }
    assert {(each.signing, each.request_bytes) for each in found.values()} == {(None, 4_194_304)}


def test_signals_can_be_chosen() -> None:
    """``signal=traces,signal=logs`` leaves metrics out."""
    assert set(_endpoints("otlp=http://host,signal=traces,signal=logs")) == {Signal.SPANS, Signal.LOGS}


def test_an_address_with_a_signal_s_path_takes_that_signal() -> None:
    """As people copy it from documentation."""
    found = _endpoints("otlp=https://host/v1/logs")

    assert {signal: each.url for signal, each in found.items()} == {Signal.LOGS: "https://host/v1/logs"}


def test_aws_s_endpoint_for_traces_is_known() -> None:
    """Its signals, its signature and its size follow from the host."""
    found = _endpoints("otlp=https://xray.eu-west-1.amazonaws.com,max-request-bytes=64MiB")

    assert set(found) == {Signal.SPANS}
    assert found[Signal.SPANS].url == "https://xray.eu-west-1.amazonaws.com/v1/traces"
    assert found[Signal.SPANS].signing == Signing("xray", "eu-west-1")
    assert found[Signal.SPANS].request_bytes == 5_000_000


def test_aws_s_endpoint_for_logs_gets_group_and_stream() -> None:
    """They travel as headers."""
    [endpoint] = _endpoints("otlp=https://logs.eu-west-1.amazonaws.com,log-group=/g,log-stream=s").values()

    assert endpoint.signing == Signing("logs", "eu-west-1")
    assert endpoint.request_bytes == 1_000_000
    assert endpoint.headers == {"x-aws-log-group": "/g", "x-aws-log-stream": "s"}


def test_a_bearer_token_takes_the_place_of_the_signature() -> None:
    """AWS's endpoint for logs also takes API keys; ``sigv4=false`` is not needed then."""
    [endpoint] = _endpoints("otlp=https://logs.eu-west-1.amazonaws.com,header=Authorization:Bearer ACWL").values()

    assert endpoint.signing is None
    assert endpoint.headers == {"authorization": "Bearer ACWL"}


def test_a_signal_that_the_address_cannot_take_is_refused() -> None:
    """X-Ray takes no logs."""
    with pytest.raises(UsageError, match="it takes traces"):
        _endpoints("otlp=https://xray.eu-west-1.amazonaws.com,signal=logs")


def test_headers_may_stand_in_a_file(tmp_path: Path) -> None:
    """So that no list of processes shows them."""
    file = tmp_path / "headers"
    file.write_text("Authorization: Bearer abc\n\nX-Team: shop\n")
    [endpoint] = _endpoints(f"otlp=http://host,signal=traces,headers-file={file}").values()

    assert endpoint.headers == {"authorization": "Bearer abc", "x-team": "shop"}


def test_secrets_are_not_shown() -> None:
    """Neither the repr of the settings nor an error repeats a header's value."""
    config = OtlpSinkConfig.parse(parse_target("otlp=http://host,header=authorization:Bearer hush"))

    assert "hush" not in repr(config)
    with pytest.raises(UsageError) as caught:
        OtlpSinkConfig.parse(parse_target("otlp=http://host,header=bad name:hush"))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "otlp",
        "otlp=grpc://host:4317",
        "otlp=http://",
        "otlp=http://host:99999",
        "otlp=http://me:secret@host",
        "otlp=http://host/?a=1",
        "otlp=http://host,signal=profiles",
        "otlp=http://host,compression=br",
        "otlp=http://host,sigv4=perhaps",
        "otlp=http://host,traces-path=v1",
        "otlp=http://host,timeout-seconds=0",
        "otlp=http://host,max-request-bytes=1",
        "otlp=http://host,log-group=/g",
        "otlp=http://host,headers-file=/nowhere/at/all",
    ],
)
def test_wrong_settings_are_refused(text: str) -> None:
    """Before anything is sent."""
    with pytest.raises(UsageError):
        _endpoints(text)
