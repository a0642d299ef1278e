"""Settings of the whole server: what is refused, and with which name and value."""

import logging
from pathlib import Path
from typing import Any

import pytest

from taskscope.app.settings.config import CollectorConfig, ServerConfig
from taskscope.client.find import default_data_dir
from taskscope.config.options import clashes, options_of
from taskscope.errors import UsageError


def test_the_defaults_are_right() -> None:
    """They go through the same checks."""
    CollectorConfig().validate()
    ServerConfig().validate()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"xray_port": 65_536}, "xray_port 65536"),
        ({"port": -1}, "port -1"),
        ({"xray_udp": "nowhere"}, "xray_udp"),
        ({"receivers": ("xray", "zipkin")}, "receivers 'zipkin'"),
        ({"receivers": ()}, "receivers"),
        ({"fsync": "never"}, "fsync 'never'"),
        ({"sampling_from": "me"}, "sampling_from 'me'"),
        ({"otlp_processes": -1}, "otlp_processes -1"),
        ({"tls_cert": "a.pem"}, "tls_cert 'a.pem'"),
        ({"tls_key": "a.pem"}, "tls_key 'a.pem'"),
        ({"stop_seconds": 29.0}, "stop_seconds 29"),
        ({"stop_seconds": 0.0}, "stop_seconds 0"),
        ({"max_spool_bytes": 1}, "max_spool_bytes 1"),
        ({"allow": ("10.0.0.0/33",)}, "10.0.0.0/33"),
        ({"retention": "spans=7d"}, "retention 'spans=7d'"),
        ({"max_disk_bytes": -1}, "max_disk_bytes -1"),
        ({"max_disk_bytes": 1 << 30, "store": "http://host"}, "max_disk_bytes"),
        ({"watch_requests_per_minute": 5}, "watch_requests_per_minute 5"),
        ({"watch_interval_seconds": 0}, "watch_interval_seconds 0"),
        ({"watch_look_back_seconds": -1.0}, "watch_look_back_seconds -1"),
        ({"watch": ("arn:aws:ecs:eu-west-1:1:task/a",)}, "no ARN of a cluster"),
        ({"store": "postgres://host"}, "store"),
        ({"store": "chdb://relative"}, "store"),
    ],
)
def test_what_is_wrong_is_refused_by_name_and_value(settings: dict[str, Any], named: str) -> None:
    """Before anything starts."""
    with pytest.raises(UsageError) as caught:
        ServerConfig(**settings).validate()
    assert named in caught.value.message


def test_a_server_that_only_asks_a_queue_needs_no_receiver() -> None:
    """Events of ECS are what it takes in."""
    ServerConfig(receivers=(), event_queue="https://sqs.eu-west-1.amazonaws.com/1/q").validate()


def test_no_two_settings_have_one_flag_or_variable() -> None:
    """Those of the sidecar are the server's."""
    assert clashes([*options_of(ServerConfig), *options_of(CollectorConfig)]) == []


@pytest.mark.parametrize("listen", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_on_loopback_nobody_needs_a_token(listen: str, caplog: pytest.LogCaptureFixture) -> None:
    """Only this machine can send and read there."""
    config = ServerConfig(listen=listen)
    config.check_exposure("")
    config.check_readers("")
    assert not caplog.records


@pytest.mark.parametrize("listen", ["0.0.0.0", "::", "10.0.0.1", "example.com", "localhost.example.com", ""])  # noqa: S104 (not bound)
def test_beyond_loopback_senders_and_readers_need_one(listen: str) -> None:
    """Each their own; a name may be any address, and an empty one is all of them."""
    config = ServerConfig(listen=listen)
    with pytest.raises(UsageError, match="a token is needed"):
        config.check_exposure("")
    with pytest.raises(UsageError, match="to read"):
        config.check_readers("")
    config.check_exposure("token")
    config.check_readers("token")


def test_insecure_is_said_out_loud(caplog: pytest.LogCaptureFixture) -> None:
    """Who asked for it reads it in the log, for sending and for reading."""
    config = ServerConfig(listen="0.0.0.0", insecure=True)  # noqa: S104 (not bound)
    with caplog.at_level(logging.WARNING):
        config.check_exposure("")
        config.check_readers("")
        config.check_readers("token")
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    assert "can send" in caplog.text
    assert "can read" in caplog.text


def test_data_is_in_the_users_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As the XDG specification says, unless a setting names another."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_data_dir() == str(tmp_path / "taskscope")
    assert ServerConfig().folder == tmp_path / "taskscope"
    assert ServerConfig().dsn == f"chdb://{tmp_path}/taskscope/store"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert default_data_dir() == "/home/somebody/.local/share/taskscope"
    assert CollectorConfig(data_dir="~/x").folder == Path("/home/somebody/x")


def test_secrets_are_in_no_text() -> None:
    """Tracebacks and logs show objects."""
    assert "secret" not in repr(ServerConfig(write_token="secret", read_token="secret"))


def test_a_sidecar_and_a_server_share_no_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A sidecar started on the server's spool would not know the store among its consumers."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert ServerConfig().folder == tmp_path / "taskscope"
    assert CollectorConfig().folder == tmp_path / "taskscope-collect"
