"""``taskscope enable``: switch on what AWS measures and records by itself; asks before it changes anything."""

import sys
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from taskscope.aws.ecs import Ecs
from taskscope.aws.insights import MODES, Insights
from taskscope.aws.permissions import missing_permissions
from taskscope.aws.session import Account
from taskscope.aws.tracing import Tracing
from taskscope.cli.account.enable_costs import insights_cost, tracing_cost
from taskscope.cli.account.tracing_target import FunctionTarget, StageTarget, read_target
from taskscope.cli.options import aws_options
from taskscope.errors import DeniedError, NotFoundError, UsageError

_F = TypeVar("_F", bound=Callable[..., Any])

_SEGMENTS: Final = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
"""What a function's role needs; without the first Lambda refuses active tracing."""
_TRACES_ARE_SEEN: Final = "X-Ray's console; here: taskscope import xray, then taskscope traces and taskscope map"
_MODES_OF_TRACING: Final = {True: "active", False: "passive (PassThrough)"}
_STATES: Final = {True: "on", False: "off"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def enable() -> None:
    """
    Switch on what AWS measures and records by itself: Container Insights, active tracing.

    Says how it is and how it will be, what that costs and where it is seen, and asks before it changes anything. Where
    nothing is to be changed, that is said.
    """


def _asks(command: _F) -> _F:
    return click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can be asked.")(command)


@enable.command("container-insights")
@click.argument("cluster", metavar="CLUSTER")
@click.option(
    "--mode",
    type=click.Choice(MODES),
    default="enabled",
    show_default=True,
    help="enhanced adds series of each task and container; disabled switches it off.",
)
@_asks
@aws_options
def container_insights(cluster: str, *, mode: str, yes: bool, account: Account) -> None:
    """
    Let CloudWatch measure a cluster: CPU, memory, network and storage of its services and tasks.

    CLUSTER is the name or ARN of a cluster.
    """
    region = _region_of(cluster)
    insights = Insights(account, region=region)
    found = insights.cluster(cluster)
    what = f"Container Insights of cluster {found.name}"
    if found.mode == mode:
        click.echo(f"{what} is {mode} already: nothing to change")
        return
    seen = (
        "CloudWatch's console, Container Insights; metrics in ECS/ContainerInsights;"
        f" events in the log group /aws/ecs/containerinsights/{found.name}/performance;"
        f" here: taskscope serve --watch {found.name}, then taskscope resources"
    )
    cost = insights_cost(found, mode, Ecs(account, region=region))
    _propose(f"{what} is {found.mode}, and will be {mode}", cost, "" if mode == "disabled" else seen)
    _ask(what, yes=yes)
    click.echo(f"{what} is {insights.put(cluster, mode)}")


@enable.command("tracing")
@click.argument("target", metavar="FUNCTION|API-STAGE")
@click.option("--off", is_flag=True, help="Switch it off instead.")
@_asks
@aws_options
def tracing(target: str, *, off: bool, yes: bool, account: Account) -> None:
    """
    Let Lambda or API Gateway record requests for X-Ray.

    FUNCTION is the name or ARN of a Lambda function, API-STAGE is API_ID/STAGE or the ARN of a stage of a REST API. For
    a function it is checked whether its role may send traces.
    """
    found = read_target(target)
    if isinstance(found, FunctionTarget):
        _trace_function(found, account, active=not off, yes=yes)
    else:
        _trace_stage(found, account, active=not off, yes=yes)


def _trace_function(target: FunctionTarget, account: Account, *, active: bool, yes: bool) -> None:
    tracing = Tracing(account, region=target.region)
    found = tracing.function(target.name)
    what = f"tracing of function {found.name}"
    if active:
        _check_role(account, found.role, target.region)
    if found.active == active:
        click.echo(f"{what} is {_MODES_OF_TRACING[active]} already: nothing to change")
        return
    _propose(
        f"{what} is {_MODES_OF_TRACING[found.active]}, and will be {_MODES_OF_TRACING[active]}",
        tracing_cost(lambda_samples=True, active=active),
        _TRACES_ARE_SEEN if active else "",
    )
    _ask(what, yes=yes)
    changed = tracing.put_function(target.name, active=active)
    click.echo(f"{what} is {_MODES_OF_TRACING[changed.active]}; Lambda applies it within seconds")


def _trace_stage(target: StageTarget, account: Account, *, active: bool, yes: bool) -> None:
    tracing = Tracing(account, region=target.region)
    found = tracing.stage(target.api, target.stage)
    what = f"tracing of stage {target.api}/{target.stage}"
    if found.active == active:
        click.echo(f"{what} is {_STATES[active]} already: nothing to change")
        return
    _propose(
        f"{what} is {_STATES[found.active]}, and will be {_STATES[active]}",
        tracing_cost(lambda_samples=False, active=active),
        _TRACES_ARE_SEEN if active else "",
    )
    _ask(what, yes=yes)
    changed = tracing.put_stage(target.api, target.stage, active=active)
    click.echo(f"{what} is {_STATES[changed.active]}")


def _check_role(account: Account, role: str, region: str | None) -> None:
    """Say on stderr which permissions a function's role lacks, and how it gets them; or why that is not known."""
    name = role.rpartition("/")[2]
    try:
        missing = missing_permissions(account, role, _SEGMENTS, region=region)
    except (DeniedError, NotFoundError) as error:
        click.echo(f"taskscope: whether the function may send traces is not known: {error.message}", err=True)
        return
    if missing:
        lacks = f"taskscope: role {name} lacks {' and '.join(missing)}"
        grant = f"aws iam put-role-policy --role-name {name} --policy-name xray"
        click.echo(f"{lacks}: its traces would be missing, and Lambda may refuse active tracing", err=True)
        click.echo(f'           {grant} --policy-document "$(taskscope iam-policy xray)"', err=True)


def _propose(change: str, cost: str, seen: str) -> None:
    """Say what will be, on stderr: stdout has the result alone."""
    for line in (change, f"  costs: {cost}", f"  seen:  {seen}" if seen else ""):
        if line:
            click.echo(line, err=True)


def _ask(what: str, *, yes: bool) -> None:
    """
    Ask whether to go on; no ends the command.

    Raises:
        UsageError: Nobody can be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("nothing was changed: stdin is no terminal, so nobody can be asked", hint="give --yes")
    click.confirm(f"Change {what}?", abort=True, err=True)


def _region_of(cluster: str) -> str | None:
    """Return the region of an ARN; None for a name."""
    return cluster.split(":")[3] if cluster.count(":") > 3 else None  # noqa: PLR2004 (arn:PARTITION:ecs:REGION:…)
