"""The X-Ray daemon's configuration file."""

import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from taskscope.config.daemon import _KEYS, DaemonConfig, read_daemon_file, split_address
from taskscope.errors import MissingExtraError, UsageError

EVERYTHING = """\
Version: 2
Region: eu-west-1
Endpoint: "https://xray.example.net"
Socket:
  UDPAddress: "0.0.0.0:2001"
  TCPAddress: "0.0.0.0:2002"
Logging:
  LogRotation: false
  LogLevel: "debug"
  LogPath: "/var/log/xray.log"
RoleARN: "arn:aws:iam::111122223333:role/sender"
ResourceARN: "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"
LocalMode: true
NoVerifySSL: true
ProxyAddress: "http://proxy:3128"
TotalBufferSizeMB: 24
Concurrency: 4
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Name a file that is not there yet."""
    return tmp_path / "cfg.yaml"


def test_every_key_is_read(file: Path) -> None:
    """And each field of the settings has its key."""
    file.write_text(EVERYTHING, encoding="utf-8")

    config = read_daemon_file(file)

    assert config == DaemonConfig(
        region="eu-west-1",
        endpoint="https://xray.example.net",
        udp_address="0.0.0.0:2001",
        tcp_address="0.0.0.0:2002",
        log_level="debug",
        log_path="/var/log/xray.log",
        log_rotation=False,
        role_arn="arn:aws:iam::111122223333:role/sender",
        resource_arn="arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
        local_mode=True,
        no_verify_ssl=True,
        proxy_address="http://proxy:3128",
        buffer_mb=24,
        concurrency=4,
    )
    assert set(_KEYS.values()) == {each.name for each in fields(DaemonConfig)}


@pytest.mark.parametrize(
    "text",
    [
        "Version: 1\n",
        "Version: 2\nLogging: {}\nRegion:\n",
        'Version: 2\nRegion: ""\nConcurrency: 0\nLogging: {LogLevel: "", LogRotation: true}',
        'Version: 2\nSocket: {UDPAddress: "", TCPAddress: ""}\n',
    ],
)
def test_what_is_empty_or_0_is_the_default(file: Path, text: str) -> None:
    """As in the daemon, whose own file has empty texts for region, endpoint and ARNs."""
    file.write_text(text, encoding="utf-8")

    assert read_daemon_file(file) == DaemonConfig()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Version: 2\nRegio: eu-west-1", r"knows no key 'Regio' \(did you mean Region"),
        ("Version: 2\nMemoryLimit: 5", "knows no key 'MemoryLimit'"),
        ("Version: 2\nSocket: {BufferSizeKB: 64}", "knows no key 'Socket.BufferSizeKB'"),
        ("Version: 2\nSocket: 5", "knows no key 'Socket'"),
        ("Region: eu-west-1", "Version: None is not known"),
        ("Version: 3", "Version: 3 is not known"),
        ("Version: 2\nConcurrency: many", "Concurrency: 'many' is no whole number"),
        ("Version: 2\nLocalMode: 1", "LocalMode: 1 is no true or false"),
        ("Version: 2\nRegion: 5", "Region: 5 is no text"),
        ("Version: [", "is no YAML: "),
        ("- a\n- b", "is no configuration of the X-Ray daemon"),
        ("", "is no configuration of the X-Ray daemon"),
        ("receivers:\n  otlp:\nservice: {}", "is a configuration of an OpenTelemetry collector"),
    ],
)
def test_what_the_daemon_would_end_at_is_refused(file: Path, text: str, message: str) -> None:
    """With the file, the key and the value."""
    file.write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match=message) as caught:
        read_daemon_file(file)

    assert str(file) in caught.value.message


def test_file_that_is_not_there_is_refused(file: Path) -> None:
    """In the system's words."""
    with pytest.raises(UsageError, match=r"cfg\.yaml: No such file"):
        read_daemon_file(file)


def test_package_that_is_missing_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra that brings it."""
    monkeypatch.setitem(sys.modules, "yaml", None)

    with pytest.raises(MissingExtraError, match=r"PyYAML \(install taskscope\[collect\]\)"):
        read_daemon_file(file)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:2000", ("127.0.0.1", 2000)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:2000", ("::1", 2000)),
        (":2000", ("0.0.0.0", 2000)),  # noqa: S104 (nothing is bound)
    ],
)
def test_address_is_host_and_port(text: str, expected: tuple[str, int]) -> None:
    """As Go writes them; no host is every address."""
    assert split_address(text, name="--bind") == expected


@pytest.mark.parametrize("text", ["", "2000", "host", "host:", "host:http", "host:65536", "::1:2000", "host:²", "h:-1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """Named by the flag."""
    with pytest.raises(UsageError, match=r"^--bind: .* is no address"):
        split_address(text, name="--bind")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"udp_address": "2000"}, "^--bind .*'2000' is no address"),
        ({"tcp_address": "2000"}, "^--bind-tcp .*'2000' is no address"),
        ({"log_level": "loud"}, "^--log-level .*'loud' is no level"),
        ({"buffer_mb": -1}, "^--buffer-memory .*-1 is below 0"),
        ({"concurrency": -1}, "^Concurrency: -1 is below 0"),
    ],
)
def test_wrong_value_is_named(change: dict[str, object], message: str) -> None:
    """By the daemon's name for it."""
    DaemonConfig().validate()

    with pytest.raises(UsageError, match=message):
        replace(DaemonConfig(), **change).validate()  # type: ignore[arg-type]
