"""Fields that are settings."""

from dataclasses import dataclass, fields

from taskscope.config.setting import KEY, Setting, setting


@dataclass(frozen=True)
class _Config:
    port: int = setting(2000, help="Port.", env=["OLD_PORT"], flag="--listen-port")
    token: str = setting("", help="Secret.", secret=True)


def test_field_keeps_what_is_known_of_the_setting() -> None:
    """And is an ordinary field of a dataclass."""
    [port, _] = fields(_Config)

    assert port.metadata[KEY] == Setting(
        help="Port.", env=("OLD_PORT",), flag="--listen-port", parse=None, secret=False
    )
    assert _Config(3).port == 3


def test_secret_is_not_in_the_representation() -> None:
    """So no log and no traceback has it."""
    assert "hunter2" not in repr(_Config(token="hunter2"))
