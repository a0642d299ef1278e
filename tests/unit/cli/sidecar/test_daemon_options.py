"""The X-Ray daemon's flags."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from taskscope.cli.sidecar.daemon_options import DaemonCommand, daemon_options
from taskscope.config.daemon import DaemonConfig
from taskscope.errors import UsageError

Seen = list[tuple[DaemonConfig, str | None]]


def _run(*line: str) -> tuple[DaemonConfig, str | None]:
    """Return what a command with the flags is given."""
    seen: Seen = []

    @click.command(cls=DaemonCommand)
    @click.option("-c", "--config")
    @daemon_options
    def command(daemon: DaemonConfig, config: str | None) -> None:
        seen.append((daemon, config))

    CliRunner().invoke(command, line, catch_exceptions=False)
    [found] = seen
    return found


def test_nothing_given_is_the_daemons_default() -> None:
    """Both sockets on port 2000 of loopback."""
    assert _run() == (DaemonConfig(), None)


@pytest.mark.parametrize(
    "line",
    [
        "-o -n eu-west-1 -r arn:role -a arn:res -b 0.0.0.0:2001 -t 0.0.0.0:2002 -f x.log -l dev -m 3 -p http://p",
        """--local-mode --region=eu-west-1 --role-arn=arn:role --resource-arn=arn:res --bind=0.0.0.0:2001
        --bind-tcp=0.0.0.0:2002 --log-file=x.log --log-level=dev --buffer-memory=3 --proxy-address=http://p""",
        """-local-mode -region eu-west-1 -role-arn=arn:role -resource-arn arn:res -bind=0.0.0.0:2001 --t 0.0.0.0:2002
        -f=x.log -l=dev -buffer-memory 3 -proxy-address=http://p""",
    ],
)
def test_every_flag_is_read(line: str) -> None:
    """By its letter and by its name, with one dash or two, as Go reads them."""
    daemon, _ = _run(*line.split())

    assert daemon == DaemonConfig(
        region="eu-west-1",
        role_arn="arn:role",
        resource_arn="arn:res",
        udp_address="0.0.0.0:2001",
        tcp_address="0.0.0.0:2002",
        log_path="x.log",
        log_level="dev",
        local_mode=True,
        buffer_mb=3,
        proxy_address="http://p",
    )


@pytest.mark.parametrize(
    ("line", "expected"), [("-o=true", True), ("--local-mode=F", False), ("-o", True), ("", False)]
)
def test_boolean_takes_its_value_after_an_equals_sign(line: str, *, expected: bool) -> None:
    """As in Go; without one it is true."""
    assert _run(*line.split())[0].local_mode is expected


def test_boolean_that_is_none_is_refused() -> None:
    """In the words of the flag."""
    with pytest.raises(UsageError, match="invalid boolean value 'maybe' for --local-mode"):
        _run("-o=maybe")


def test_options_of_the_command_are_left_alone() -> None:
    """Whether they look like Go's or not."""

    @click.command(cls=DaemonCommand)
    @click.option("-x", "--xray-port")
    @click.argument("rest", nargs=-1)
    def command(xray_port: str, rest: tuple[str, ...]) -> None:
        click.echo(f"{xray_port} {rest}")

    assert CliRunner().invoke(command, ["-x", "5", "--", "-y"]).output == "5 ('-y',)\n"


def test_command_line_of_the_daemons_image_works() -> None:
    """Its entry point binds every address."""
    daemon, _ = _run("-t", "0.0.0.0:2000", "-b", "0.0.0.0:2000")

    assert (daemon.udp_address, daemon.tcp_address) == ("0.0.0.0:2000", "0.0.0.0:2000")


def test_flag_wins_over_the_file(tmp_path: Path) -> None:
    """As in the daemon; the file is then no longer passed on."""
    path = tmp_path / "cfg.yaml"
    path.write_text("Version: 2\nRegion: eu-west-1\nConcurrency: 4\n", encoding="utf-8")

    assert _run("-n", "us-east-1", "-c", str(path)) == (DaemonConfig(region="us-east-1", concurrency=4), None)


@pytest.mark.parametrize("config", ["/etc/ecs/ecs-default-config.yaml", "taskscope.toml"])
def test_other_configuration_is_passed_on(config: str) -> None:
    """A preset is no file on this machine, and settings of our own are TOML."""
    assert _run("--config", config) == (DaemonConfig(), config)


def test_wrong_value_is_refused() -> None:
    """By the name of the flag."""
    with pytest.raises(UsageError, match=r"^--bind "):
        _run("-b", "2000")
