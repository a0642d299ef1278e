"""Options made from a class of settings."""

from dataclasses import dataclass

import click
import pytest
from click.testing import CliRunner

from taskscope.cli.setting_options import setting_options
from taskscope.config.file import SettingsFile
from taskscope.config.layers import load
from taskscope.config.setting import setting
from taskscope.errors import UsageError


@dataclass(frozen=True)
class _Server:
    xray_port: int = setting(2000, help="Port of X-Ray.", env=("OLD_PORT",))
    insecure: bool = setting(default=False, help="Ask no token.")
    sinks: tuple[str, ...] = setting((), help="Where to.", flag="--to")
    write_token: str = setting("", help="Who may send.", secret=True)


@dataclass(frozen=True)
class _Otlp:
    max_body_bytes: int = setting(16 * 1024**2, help="Largest body.")
    grace_seconds: float = setting(5.0, help="Time to end.")


@click.command()
@click.option("--own")
@setting_options(_Server)
@setting_options(_Otlp, "otlp")
def _command(flags: dict[str, object], own: str | None) -> None:
    """Print what was given."""
    click.echo(f"{flags} {own}")


def _output(*line: str) -> str:
    return CliRunner().invoke(_command, line, catch_exceptions=False).output.strip()


def test_only_what_was_given_is_passed_on() -> None:
    """As text under the full name: the layers read it, and know that it came from a flag."""
    assert _output() == "{} None"
    assert _output("--xray-port", "0", "--own", "x") == "{'xray_port': '0'} x"
    assert _output("--otlp-max-body-bytes=1MiB") == "{'otlp.max_body_bytes': '1MiB'} None"
    assert _output("--to", "xray", "--to", "emf,otlp=http://a") == "{'sinks': ('xray', 'emf,otlp=http://a')} None"


@pytest.mark.parametrize(("flag", "expected"), [("--insecure", True), ("--no-insecure", False)])
def test_boolean_can_be_said_both_ways(flag: str, *, expected: bool) -> None:
    """So a flag can take back what the file says."""
    assert _output(flag) == f"{{'insecure': {expected}}} None"


def test_secret_is_no_option() -> None:
    """Every user of a machine can read its command lines."""
    assert CliRunner().invoke(_command, ["--write-token", "x"]).exit_code == 2


def test_variable_is_left_to_the_layers() -> None:
    """Or it would look like a flag."""
    result = CliRunner(env={"TASKSCOPE_XRAY_PORT": "7"}).invoke(_command, [])

    assert result.output.strip() == "{} None"


def test_flags_are_what_the_layers_take() -> None:
    """From the command line to the settings."""
    found: list[dict[str, object]] = []

    @click.command()
    @setting_options(_Server)
    def command(flags: dict[str, object]) -> None:
        found.append(flags)

    CliRunner().invoke(command, ["--xray-port", "7", "--to", "xray,emf", "--insecure"], catch_exceptions=False)
    loaded = load(_Server, flags=found[0], environ={}, file=SettingsFile())

    assert loaded.value == _Server(xray_port=7, insecure=True, sinks=("xray", "emf"))
    with pytest.raises(UsageError, match=r"^--xray-port: 'x' is no whole number"):
        load(_Server, flags={"xray_port": "x"}, environ={}, file=SettingsFile())


def test_help_shows_variables_and_default() -> None:
    """In the order of the fields, with the kind of value."""
    text = " ".join(CliRunner().invoke(_command, ["--help"], terminal_width=200).output.split())

    assert "--xray-port INTEGER Port of X-Ray. [TASKSCOPE_XRAY_PORT, OLD_PORT; default: 2000]" in text
    assert "--insecure / --no-insecure Ask no token. [TASKSCOPE_INSECURE; default: false]" in text
    assert "--to LIST Where to. [TASKSCOPE_SINKS]" in text
    assert "--otlp-max-body-bytes SIZE Largest body. [TASKSCOPE_OTLP_MAX_BODY_BYTES; default: 16MiB]" in text
    assert "--otlp-grace-seconds DURATION Time to end. [TASKSCOPE_OTLP_GRACE_SECONDS; default: 5s]" in text
    assert text.index("--own") < text.index("--xray-port") < text.index("--to") < text.index("--otlp-max")
