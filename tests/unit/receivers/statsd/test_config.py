"""Settings that cannot be right are named."""

import pytest

from taskscope.errors import UsageError
from taskscope.receivers.statsd.config import StatsdConfig


def test_defaults_are_right() -> None:
    """Nothing has to be set."""
    StatsdConfig().validate()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (StatsdConfig(receive_buffer_bytes=0), "receive_buffer_bytes 0"),
        (StatsdConfig(socket_path="/tmp/" + "x" * 200), "socket_path"),
        (StatsdConfig(socket_mode="rw-rw-rw-"), "socket_mode 'rw-rw-rw-'"),
        (StatsdConfig(socket_mode="0999"), "socket_mode '0999'"),
    ],
)
def test_wrong_settings_are_refused(wrong: StatsdConfig, message: str) -> None:
    """With the name and the value."""
    with pytest.raises(UsageError, match=message):
        wrong.validate()
