"""The file of the unix socket: whose it is, and what is left over."""

import socket
from pathlib import Path

import pytest

from taskscope.errors import UsageError
from taskscope.receivers.statsd.config import StatsdConfig
from taskscope.receivers.statsd.unix_socket import unix_socket


def test_left_over_socket_is_replaced(tmp_path: Path) -> None:
    """A receiver that was killed leaves its file; the next one takes the path."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as killed:
        killed.bind(str(path))

    with unix_socket(StatsdConfig(socket_path=str(path))) as bound:
        assert bound.getsockname() == str(path)


def test_socket_in_use_is_left_alone(tmp_path: Path) -> None:
    """Two collectors would each get half."""
    config = StatsdConfig(socket_path=str(tmp_path / "s"))
    with unix_socket(config):
        with pytest.raises(UsageError, match="another program receives"), unix_socket(config):
            pass
        assert Path(config.socket_path).exists()


def test_other_files_are_never_removed(tmp_path: Path) -> None:
    """A path that is mistyped costs nobody a file."""
    path = tmp_path / "notes"
    path.write_text("precious")

    with pytest.raises(UsageError, match="is no socket"), unix_socket(StatsdConfig(socket_path=str(path))):
        pass

    assert path.read_text() == "precious"


def test_file_of_a_successor_stays(tmp_path: Path) -> None:
    """Only the own file is removed at the end."""
    path = tmp_path / "s"
    with unix_socket(StatsdConfig(socket_path=str(path))):
        path.unlink()
        path.write_text("of another")
    assert path.exists()


def test_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    """The volume may not be mounted."""
    with (
        pytest.raises(UsageError, match="cannot be made: No such file"),
        unix_socket(StatsdConfig(socket_path=str(tmp_path / "no" / "s"))),
    ):
        pass
