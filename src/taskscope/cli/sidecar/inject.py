"""``taskscope inject``: add the collector to a task definition, as a sidecar."""

import json
from collections.abc import Sequence
from typing import Any, Final

import click

from taskscope.aws.ecs import Ecs
from taskscope.aws.session import Account
from taskscope.cli.options import aws_options
from taskscope.cli.sidecar.definition import Sidecar
from taskscope.cli.sidecar.definition import inject as add_sidecar
from taskscope.errors import UsageError

_SINKS: Final = ("xray", "cloudwatch-logs", "emf", "container-insights", "otlp")
"""What ``taskscope collect`` can send to; its own table of them would load them."""


@click.command()
@click.argument("path", metavar="TASKDEF.json", type=click.Path(allow_dash=True))
@click.option(
    "--image", help="Image of the sidecar, with its registry; needed unless there is a sidecar.", metavar="IMAGE"
)
@click.option(
    "--to",
    multiple=True,
    help="Where it forwards: xray, cloudwatch-logs, emf, container-insights, otlp=URL (repeatable). [default: xray]",
    metavar="SINK",
)
@click.option("--cpu", type=click.IntRange(min=1), help="CPU units of the sidecar (1024 are a vCPU).", metavar="UNITS")
@click.option("--memory", type=click.IntRange(min=6), help="Memory limit of the sidecar.", metavar="MIB")
@click.option(
    "--resize/--no-resize",
    default=True,
    help="Raise the task's cpu and memory where the sidecar makes them too little, on Fargate to the next size."
    " [default: resize]",
)
@click.option("--register", is_flag=True, help="Register the result as a new revision; asks first.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@aws_options
def inject(
    path: str,
    *,
    image: str | None,
    to: tuple[str, ...],
    cpu: int | None,
    memory: int | None,
    resize: bool,
    register: bool,
    yes: bool,
    account: Account,
) -> None:
    """
    Add `taskscope collect` to a task definition, and to its apps the variables that point at it.

    TASKDEF.json is the input of RegisterTaskDefinition, or what aws ecs describe-task-definition prints; - reads stdin.
    The result is printed as JSON for aws ecs register-task-definition --cli-input-json. What is there already stays as
    it is, and doing it again changes nothing.
    """
    if register and not yes and path == "-":
        raise UsageError("stdin is the task definition, so nobody can be asked", hint="give --yes, or a file")
    _check_sinks(to)
    sidecar = Sidecar(image, to, cpu, memory, account.region, resize)
    document, notices = add_sidecar(_read(path), sidecar)
    for notice in notices:
        click.echo(f"note: {notice}", err=True)
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    if register:
        if not yes:
            click.confirm(f"Register this as a new revision of {document['family']}?", abort=True, err=True)
        click.echo(f"registered {Ecs(account).register(document)}", err=True)


def _check_sinks(texts: Sequence[str]) -> None:
    """
    Refuse a sink that the sidecar would refuse: ECS would start it again and again.

    Raises:
        UsageError: There is no such sink, or it lacks its address.
    """
    for text in texts:
        name, _, address = text.partition(",")[0].partition("=")
        if name not in _SINKS:
            raise UsageError(f"--to {name}: there is no such sink", hint=f"choose of {', '.join(_SINKS)}")
        if name == "otlp" and not address:
            raise UsageError("--to otlp needs an address", hint="write --to otlp=https://host:4318")


def _read(path: str) -> dict[str, Any]:
    """
    Read a JSON object.

    Raises:
        UsageError: The file cannot be read, or is none.
    """
    try:
        with click.open_file(path, encoding="utf-8") as file:
            document = json.load(file)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"{path} is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise UsageError(f"{path} is no JSON object")
    return document
