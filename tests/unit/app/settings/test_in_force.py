"""All settings: their layers, the sinks and rules among them, and tokens."""

from pathlib import Path

import pytest

from taskscope.app.settings.config import CollectorConfig, ServerConfig
from taskscope.app.settings.in_force import load_settings, read_token
from taskscope.config.layers import DEFAULT, Layer
from taskscope.errors import UsageError
from taskscope.receivers.otlp.config import OtlpConfig


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the developer's own files and variables out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("TASKSCOPE_CONFIG", raising=False)


def _file(folder: Path, text: str) -> str:
    path = folder / "file.toml"
    path.write_text(text)
    return str(path)


def test_flags_win_over_variables_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting is known with where it came from."""
    monkeypatch.setenv("TASKSCOPE_OTLP_HTTP_PORT", "2")
    monkeypatch.setenv("TASKSCOPE_XRAY_PORT", "2")
    file = _file(tmp_path, "xray_port = 3\notlp_http_port = 3\nport = 3\n[otlp]\nmax_body_bytes = 4096\n")

    settings = load_settings(ServerConfig, {"xray_port": "1"}, config=file)

    assert (settings.server.xray_port, settings.server.otlp_http_port, settings.server.port) == (1, 2, 3)
    assert settings.component(OtlpConfig).max_body_bytes == 4096
    layers = [settings.origin(name).layer for name in ("xray_port", "otlp_http_port", "port")]
    assert layers == [Layer.FLAG, Layer.ENVIRONMENT, Layer.FILE]
    assert settings.origin("fluent_port") == DEFAULT


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("prot = 1", "file.toml:1"),
        ("[otlp]\nmax_body_byte = 1", "file.toml:2"),
        ("[nothing]\na = 1", "file.toml:1"),
        ("otlp = 1", "file.toml:1"),
        ('port = "x"', "file.toml:1"),
        ("port = 70000", "file.toml:1"),
        ('[[xray.rule]]\nrule_name = "a"\nfixed_rate = "much"', "a"),
        ("=", "file.toml"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    """So that it is found."""
    with pytest.raises(UsageError) as caught:
        load_settings(ServerConfig, {}, config=_file(tmp_path, text))
    assert place in caught.value.message


def test_a_file_of_the_server_serves_the_sidecar_too(tmp_path: Path) -> None:
    """It leaves alone what only the server has."""
    settings = load_settings(CollectorConfig, {}, config=_file(tmp_path, "max_disk_bytes = 7\nxray_port = 3"))

    assert settings.server.xray_port == 3


@pytest.mark.parametrize("to", ["nowhere", "xray,colour=red", "otlp", "xray=x"])
def test_a_sink_that_cannot_be_made_is_refused_before_anything_starts(to: str) -> None:
    """Its name, its options and its address are looked at."""
    with pytest.raises(UsageError):
        load_settings(CollectorConfig, {"to": (to,)})


@pytest.mark.parametrize(
    ("name", "value"), [("to", "nowhere"), ("to", "xray,colour=red"), ("retention", "traces=x"), ("receivers", ",")]
)
def test_a_wrong_value_is_told_with_its_variable_or_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Sinks and retention are read by those who use them, and are found all the same."""
    variable = f"TASKSCOPE_{name.upper()}"
    with monkeypatch.context() as patched:
        patched.setenv(variable, value)
        with pytest.raises(UsageError) as of_variable:
            load_settings(ServerConfig, {})
    with pytest.raises(UsageError) as of_file:
        load_settings(ServerConfig, {}, config=_file(tmp_path, f'port = 1\n{name} = "{value}"\n'))

    assert f"{name}: {variable}]" in of_variable.value.message
    assert "file.toml:2]" in of_file.value.message


def test_tokens_travel_apart_from_settings() -> None:
    """A plan that is logged or dumped does not hold them twice."""
    settings = load_settings(ServerConfig, {"write_token": "s3cret", "read_token": "s3cret"})

    assert settings.write_token() == "s3cret"
    assert "s3cret" not in str(settings.plan_settings())


def test_a_token_is_read_from_its_file(tmp_path: Path) -> None:
    """Without the newline that an editor leaves; the value itself wins."""
    file = tmp_path / "token"
    file.write_text("abc\n")
    assert read_token("", str(file)) == "abc"
    assert read_token("xyz\n", str(file)) == "xyz"
    assert read_token("", "") == ""


@pytest.mark.parametrize("content", [b"", b" \n", b"a\nb", b"a b", "\u00e9".encode(), b"\xff\xfe", b"a\x00b"])
def test_a_token_that_no_header_can_carry_is_refused_and_not_shown(tmp_path: Path, content: bytes) -> None:
    """An empty one would let everybody in; others would let nobody in."""
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_token("", str(file))
    assert "token" in caught.value.message
    assert content == b"" or repr(content)[2:-1] not in caught.value.message


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_a_token_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    """With the reason."""
    with pytest.raises(UsageError, match="cannot be read"):
        read_token("", str(tmp_path / name))
