"""The settings in force, as ``taskscope config show`` has them."""

from dataclasses import dataclass, field
from pathlib import Path

from taskscope.config.file import SettingsFile
from taskscope.config.layers import load
from taskscope.config.setting import setting
from taskscope.config.show import Row, documents, rows


@dataclass(frozen=True)
class _Server:
    port: int = setting(8275, help="Port.")
    store: str = setting("chdb:///data", help="Where.")
    write_token: str = setting("", help="Who may send.", secret=True)
    read_token: str = setting("", help="Who may read.", secret=True)
    made: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Otlp:
    max_body_bytes: int = setting(16 * 1024**2, help="Largest body.")
    grace_seconds: float = setting(5.0, help="Time to end.")
    origins: tuple[str, ...] = setting((), help="Browsers' pages.")


def test_each_setting_has_its_value_and_origin() -> None:
    """In the form that can be written again; secrets and passwords are masked."""
    flags: dict[str, object] = {"store": "https://me:hunter2@host:8443/otel"}
    environ = {"TASKSCOPE_WRITE_TOKEN": "s3cret", "TASKSCOPE_OTLP_ORIGINS": "https://a, https://b"}
    file = SettingsFile(Path("t.toml"), {"port": 1}, {"port": 3})

    shown = list(
        rows(
            [
                load(_Server, flags=flags, environ=environ, file=file),
                load(_Otlp, section="otlp", flags=flags, environ=environ, file=file),
            ]
        )
    )

    assert shown == [
        Row("port", "1", "t.toml:3"),
        Row("store", "https://me:********@host:8443/otel", "--store"),
        Row("write_token", "********", "TASKSCOPE_WRITE_TOKEN"),
        Row("read_token", "", "default"),
        Row("otlp.max_body_bytes", "16MiB", "default"),
        Row("otlp.grace_seconds", "5s", "default"),
        Row("otlp.origins", "https://a,https://b", "TASKSCOPE_OTLP_ORIGINS"),
    ]


def test_document_says_the_same() -> None:
    """For ``--output json``."""
    loaded = load(
        _Otlp, section="otlp", flags={}, environ={"TASKSCOPE_OTLP_GRACE_SECONDS": "200ms"}, file=SettingsFile()
    )

    assert documents([loaded])[1] == {
        "setting": "otlp.grace_seconds",
        "value": "0.2s",
        "from": "TASKSCOPE_OTLP_GRACE_SECONDS",
    }
