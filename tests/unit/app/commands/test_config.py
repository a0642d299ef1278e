"""`taskscope config`: what is in force, and whether it is right."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from taskscope.app.commands.config import config
from taskscope.errors import UsageError


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the developer's own files and variables out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def _run(*arguments: str, **env: str) -> Result:
    return CliRunner().invoke(config, list(arguments), env=env)


def test_every_setting_is_shown_with_where_it_came_from(tmp_path: Path) -> None:
    """Secrets are masked, in every form."""
    (tmp_path / "taskscope.toml").write_text("[otlp]\nmax_body_bytes = 4096\n")
    shown = _run("show", "--xray-port", "1", "--output", "json", TASKSCOPE_WRITE_TOKEN="s3cret")
    rows = {each["setting"]: (each["value"], each["from"]) for each in json.loads(shown.output)}

    assert rows["xray_port"] == ("1", "--xray-port")
    assert rows["otlp.max_body_bytes"] == ("4KiB", "taskscope.toml:2")
    assert rows["fluent_port"] == ("24224", "default")
    assert rows["write_token"] == ("********", "TASKSCOPE_WRITE_TOKEN")
    assert "s3cret" not in shown.output + _run("show", TASKSCOPE_WRITE_TOKEN="s3cret").output


@pytest.mark.parametrize("flags", [[], ["--data-dir", "data"]])
def test_where_data_lives_is_shown_though_nobody_said_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str]
) -> None:
    """The folder, and the store in it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    shown = _run("show", *flags, "--output", "json")
    rows = {each["setting"]: (each["value"], each["from"]) for each in json.loads(shown.output)}

    folder, origin = ("data", "--data-dir") if flags else (str(tmp_path / "share" / "taskscope"), "default")
    assert rows["data_dir"] == (folder, origin)
    assert rows["store"] == (f"chdb://{(tmp_path / folder).absolute()}/store", "default")


def test_no_value_is_cut_off_in_the_table() -> None:
    """However long a list is."""
    allow = ",".join(f"10.{number}.0.0/16" for number in range(40))

    assert allow in "".join(_run("show", "--allow", allow).output.split())


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--port", "x"], "port"),
        (["--to", "nowhere"], "nowhere"),
        (["--listen", "0.0.0.0"], "listen"),  # noqa: S104 (refused)
        (["--write-token-file", "/nowhere"], "/nowhere"),
        (["--read-token-file", "/nowhere"], "/nowhere"),
        (["--tls-cert", "/nowhere", "--tls-key", "/nowhere"], "tls_cert"),
        (["--store", "nothing://"], "store"),
    ],
)
def test_what_would_keep_a_server_from_starting_is_told(arguments: list[str], named: str) -> None:
    """By its name, with exit code 2."""
    result = _run("validate", *arguments)

    assert isinstance(result.exception, UsageError)
    assert named in result.exception.message


def test_what_is_right_is_said() -> None:
    """Exit code 0."""
    result = _run("validate")
    assert (result.exit_code, result.output) == (0, "the settings are right\n")
