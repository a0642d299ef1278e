"""Flags over environment over file over defaults."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from taskscope.config.file import SettingsFile, read_file
from taskscope.config.layers import DEFAULT, Layer, Loaded, Origin, load
from taskscope.config.setting import setting
from taskscope.errors import UsageError

NO_FILE = SettingsFile()


def _address(text: str) -> str:
    if "://" not in text or "[" in text:
        raise UsageError(f"{text!r} is no address")
    return text


@dataclass(frozen=True)
class _Config:
    max_body_bytes: int = setting(1024, help="Largest body.", env=("OTEL_MAX_BODY",))
    grace_seconds: float = setting(5.0, help="Time to end.")
    origins: tuple[str, ...] = setting((), help="Browsers' pages.")
    key: str = setting("", help="Shared key.", secret=True)
    store: str = setting("", help="Address of the store.", parse=_address)

    def validate(self) -> None:
        """Refuse what makes no sense."""
        if self.max_body_bytes < 1:
            raise UsageError(f"max_body_bytes {self.max_body_bytes} is below 1")
        if self.grace_seconds > 30:
            raise UsageError(f"grace_seconds {self.grace_seconds} is above 30", hint="ECS kills after 30 s")


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    """Give a file with a table ``otlp``."""
    path = tmp_path / "taskscope.toml"
    path.write_text('[otlp]\nmax_body_bytes = "3kB"\ngrace_seconds = 3\nkey = "from file"\n', encoding="utf-8")
    return read_file(path)


def _load(
    flags: dict[str, object] | None = None, environ: dict[str, str] | None = None, file: SettingsFile = NO_FILE
) -> Loaded[_Config]:
    return load(_Config, section="otlp", flags=flags or {}, environ=environ or {}, file=file)


def test_defaults_hold_where_nobody_says_anything() -> None:
    """And say so."""
    loaded = _load()

    assert loaded.value == _Config()
    assert set(loaded.origins.values()) == {DEFAULT}
    assert str(DEFAULT) == "default"


def test_strongest_layer_wins_for_each_setting(file: SettingsFile) -> None:
    """Each is decided by itself, and its origin can be shown."""
    environ = {"TASKSCOPE_OTLP_MAX_BODY_BYTES": "2kB", "TASKSCOPE_OTLP_GRACE_SECONDS": "2s"}

    loaded = _load({"otlp.max_body_bytes": "1kB"}, environ, file)

    assert loaded.value == _Config(max_body_bytes=1000, grace_seconds=2.0, key="from file")
    assert loaded.origins == {
        "max_body_bytes": Origin(Layer.FLAG, "--otlp-max-body-bytes"),
        "grace_seconds": Origin(Layer.ENVIRONMENT, "TASKSCOPE_OTLP_GRACE_SECONDS"),
        "origins": DEFAULT,
        "key": Origin(Layer.FILE, f"{file.path}:4"),
        "store": DEFAULT,
    }


def test_name_of_a_replaced_tool_is_honoured_after_ours() -> None:
    """The origin is the variable that was read."""
    theirs = _load(environ={"OTEL_MAX_BODY": "7"})
    both = _load(environ={"OTEL_MAX_BODY": "7", "TASKSCOPE_OTLP_MAX_BODY_BYTES": "8"})

    assert (theirs.value.max_body_bytes, str(theirs.origins["max_body_bytes"])) == (7, "OTEL_MAX_BODY")
    assert both.value.max_body_bytes == 8


def test_empty_variable_is_none(file: SettingsFile) -> None:
    """A task definition that overrides another can only empty a variable."""
    assert _load(environ={"TASKSCOPE_OTLP_MAX_BODY_BYTES": ""}, file=file).value.max_body_bytes == 3000


def test_option_that_was_given_more_than_once_is_a_list() -> None:
    """As click passes it on."""
    assert _load({"otlp.origins": ("https://a", "https://b,https://c")}).value.origins == (
        "https://a",
        "https://b",
        "https://c",
    )


def test_mistake_is_told_with_its_origin(file: SettingsFile) -> None:
    """Flag, variable, or line and key."""
    broken = SettingsFile(Path("t.toml"), {"otlp": {"grace_seconds": "soon"}}, {"otlp.grace_seconds": 2})

    with pytest.raises(UsageError, match=r"^--otlp-max-body-bytes: 'x' is no size \(write it as 16MiB"):
        _load({"otlp.max_body_bytes": "x"}, file=file)
    with pytest.raises(UsageError, match=r"^OTEL_MAX_BODY: '16M' is no size"):
        _load(environ={"OTEL_MAX_BODY": "16M"})
    with pytest.raises(UsageError, match=r"^t\.toml:2: otlp\.grace_seconds 'soon' is no duration"):
        _load(file=broken)


def test_mistake_in_a_weaker_layer_does_no_harm() -> None:
    """What is not used is not read."""
    assert _load({"otlp.max_body_bytes": "1"}, {"OTEL_MAX_BODY": "16M"}).value.max_body_bytes == 1


def test_refusal_of_the_class_says_where_the_value_came_from() -> None:
    """The class names setting and value; only the layers know the place."""
    with pytest.raises(UsageError) as caught:
        _load(environ={"OTEL_MAX_BODY": "0"})
    assert caught.value.message == "max_body_bytes 0 is below 1 [max_body_bytes: OTEL_MAX_BODY]"

    with pytest.raises(UsageError) as caught:
        _load({"otlp.grace_seconds": "1m"})
    assert caught.value.hint == "ECS kills after 30 s"


def test_secret_is_in_no_message() -> None:
    """Not even one that cannot be read; nor is the password of an address."""
    with pytest.raises(UsageError) as caught:
        _load(file=SettingsFile(Path("t.toml"), {"otlp": {"key": 4711}}, {}))
    assert str(caught.value) == "t.toml: otlp.key cannot be read; the value is not shown"
    assert "4711" not in repr(_load({}, {"TASKSCOPE_OTLP_KEY": "4711"}))

    with pytest.raises(UsageError) as caught:
        _load({"otlp.store": "http://me:hunter2@[oops"})
    assert "hunter2" not in str(caught.value)


def test_class_without_a_section_reads_the_top_of_the_file() -> None:
    """Its keys stand before the first table, and its variables have no prefix."""
    file = SettingsFile(Path("t.toml"), {"grace_seconds": 1, "otlp": {}}, {"grace_seconds": 1})

    loaded = load(_Config, flags={}, environ={"TASKSCOPE_MAX_BODY_BYTES": "9"}, file=file)

    assert (loaded.value.grace_seconds, loaded.value.max_body_bytes) == (1.0, 9)
