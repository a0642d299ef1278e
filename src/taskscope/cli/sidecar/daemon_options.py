"""The flags of AWS's X-Ray daemon, for the command that takes its place."""

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from taskscope.cli.task.go_flags import parse_bool
from taskscope.config.daemon import LOG_LEVELS, DaemonConfig, read_daemon_file

_F = TypeVar("_F", bound=Callable[..., Any])

_YAML: Final = (".yaml", ".yml")

_OPTIONS: Final = (
    click.option("-n", "--region", help="Send to X-Ray in this region. [default: AWS_REGION]"),
    click.option("-r", "--role-arn", help="Role to assume, for sending to another account."),
    click.option("-a", "--resource-arn", help="ARN of the AWS resource that this runs on."),
    click.option("-o", "--local-mode", is_flag=True, default=None, help="Ask no EC2 instance metadata."),
    click.option("-b", "--bind", "udp_address", metavar="HOST:PORT", help="Where X-Ray segments arrive (UDP)."),
    click.option("-t", "--bind-tcp", "tcp_address", metavar="HOST:PORT", help="Where the sampling proxy listens."),
    click.option("-f", "--log-file", "log_path", metavar="PATH", help="Write the log to this file."),
    click.option("-l", "--log-level", type=click.Choice(LOG_LEVELS), help="Least level of lines in the log."),
    click.option("-m", "--buffer-memory", "buffer_mb", type=int, metavar="MB", help="Memory for buffers."),
    click.option("-p", "--proxy-address", metavar="URL", help="HTTP proxy on the way to X-Ray."),
)
_NAMES: Final = (
    "region", "role_arn", "resource_arn", "local_mode", "udp_address", "tcp_address", "log_path", "log_level",
    "buffer_mb", "proxy_address",
)  # fmt: skip
_LETTERS: Final = {
    "n": "region", "r": "role-arn", "a": "resource-arn", "o": "local-mode", "b": "bind", "t": "bind-tcp",
    "f": "log-file", "l": "log-level", "m": "buffer-memory", "p": "proxy-address", "c": "config",
}  # fmt: skip
_FLAG: Final = re.compile(r"--?([a-z][a-z-]*)(?:=(.*))?", re.DOTALL)


class DaemonCommand(click.Command):
    """A command that reads the daemon's flags in every spelling that Go's flag package allows."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse a command line, of which ``-region=eu-west-1`` and ``-o=true`` may be parts."""
        return super().parse_args(ctx, list(_spelled_for_click(args)))


def _spelled_for_click(arguments: Sequence[str]) -> Iterator[str]:
    for each in arguments:
        match = _FLAG.fullmatch(each)
        name = _LETTERS.get(match[1], match[1]) if match else ""
        if match is None or name not in _LETTERS.values():
            yield each
        elif name != "local-mode":
            yield f"--{name}" if match[2] is None else f"--{name}={match[2]}"
        elif match[2] is None or parse_bool(match[2], name="--local-mode"):
            yield "--local-mode"


def daemon_options(command: _F) -> _F:
    """
    Give a command the daemon's flags, and pass them on as ``daemon``, a ``DaemonConfig``.

    ``-c/--config`` belongs to the command. Where it names a YAML file that is there, it is taken as the daemon's
    file, flags win over it, and ``config`` is passed on as None; every other ``config`` is passed on as it is.
    """

    @functools.wraps(command)
    def with_daemon(*args: Any, config: str | None = None, **kwargs: Any) -> Any:
        given = {name: kwargs.pop(name) for name in _NAMES}
        is_daemons = config is not None and config.endswith(_YAML) and Path(config).is_file()
        known = read_daemon_file(Path(config)) if config is not None and is_daemons else DaemonConfig()
        daemon = replace(known, **{name: value for name, value in given.items() if value is not None})
        daemon.validate()
        return command(*args, daemon=daemon, config=None if is_daemons else config, **kwargs)

    return functools.reduce(lambda made, option: option(made), reversed(_OPTIONS), with_daemon)  # type: ignore[return-value]
