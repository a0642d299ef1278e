"""``taskscope lab``: start an embedded AWS, run task definitions and scenarios in it."""

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path

import click

from taskscope import ports
from taskscope.clock import SECOND
from taskscope.config.times import parse_duration
from taskscope.errors import TaskscopeError
from taskscope.lab.client.connection import DEFAULT_ACCOUNT, DEFAULT_REGION, find_lab, plain_errors
from taskscope.lab.client.launch import Launcher, failed_containers, read_definition, wait_for_tasks, wait_until_steady
from taskscope.lab.client.watch import Watcher, task_id, why_stopped
from taskscope.lab.scenarios.catalog import load_scenario, scenario_names
from taskscope.lab.scenarios.function import group_of
from taskscope.lab.scenarios.play import Outcome, play
from taskscope.lab.scenarios.scenario import Scenario
from taskscope.lab.scenarios.workshop import play_workshop

_FILE = click.Path(path_type=Path, dir_okay=False)
_ENDPOINT = click.option(
    "--endpoint-url", metavar="URL", help=f"The lab to use  [default: $AWS_ENDPOINT_URL, http://127.0.0.1:{ports.LAB}]"
)
_REGION = click.option("--region", help=f"Region to use  [default: $AWS_REGION, {DEFAULT_REGION}]")


def _matching(pattern: str, what: str) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """Return a check of an option's text."""

    def check(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(pattern, value):
            raise click.BadParameter(f"{value!r} is not {what}")
        return value

    return check


def _complete_scenario(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in scenario_names() if name.startswith(incomplete)]


@click.group()
def lab() -> None:
    """
    Run an embedded AWS, and real tasks in it, on this machine.

    A development tool: it listens on loopback and on a bridge of its own only, and its tasks are plain processes.
    """


@lab.command()
@click.option("--port", type=click.IntRange(0, 65535), default=ports.LAB, show_default=True, help="0 takes a free one.")
@click.option("--state", "states", type=_FILE, multiple=True, help="Load a recorded state; may be repeated.")
@click.option("--latency", type=click.IntRange(0), default=0, metavar="MS", help="Delay each answer.")
@click.option("--stopped-task-ttl", default="1h", show_default=True, help="How long stopped tasks can be described.")
@click.option(
    "--region",
    callback=_matching(r"[a-z]{2}(-[a-z]+)+-\d", "a region such as eu-west-1"),
    help=f"Region of the exported variables.  [default: that of the states, {DEFAULT_REGION}]",
)
@click.option(
    "--account",
    default=DEFAULT_ACCOUNT,
    show_default=True,
    callback=_matching(r"\d{12}", "an account id of 12 digits"),
    help="Account id in ARNs.",
)
def up(
    port: int, states: tuple[Path, ...], latency: int, stopped_task_ttl: str, region: str | None, account: str
) -> None:
    """
    Start the embedded AWS; Ctrl-C stops it.

    Prints the lines to export on stdout, everything else on stderr.
    """
    from taskscope.lab.up import Settings, serve  # noqa: PLC0415 - moto takes a second to load; `lab run` has no need of it

    settings = Settings(
        port=port,
        states=states,
        latency_seconds=latency / 1000,
        stopped_task_ttl_seconds=parse_duration(stopped_task_ttl) / SECOND,
        region=region,
        account=account,
    )
    asyncio.run(serve(settings))


@lab.command()
@click.argument("taskdef", type=_FILE)
@click.option("--cluster", default="default", show_default=True, help="Created if it does not exist.")
@click.option("--service", metavar="NAME", help="Create or update a service instead of running tasks.")
@click.option("--count", type=click.IntRange(1, 100), default=1, show_default=True, help="How many tasks.")
@click.option("--wait", is_flag=True, help="Wait until the tasks have stopped, or the service is steady.")
@_ENDPOINT
@_REGION
def run(
    taskdef: Path,
    cluster: str,
    service: str | None,
    count: int,
    *,
    wait: bool,
    endpoint_url: str | None,
    region: str | None,
) -> None:
    """
    Run a task definition (JSON) in a running lab.

    TASKDEF.json is RegisterTaskDefinition's input or DescribeTaskDefinition's output. With --wait the exit code is 1
    when an essential container has not ended with 0, or a service cannot become steady.
    """
    definition = read_definition(taskdef)
    launcher = Launcher.prepare(find_lab(endpoint_url, region), cluster, _say)
    registered = launcher.register(definition)
    watcher = Watcher(launcher.ecs, cluster, _say)
    if service is not None:
        started = launcher.first_tasks(launcher.put_service(service, registered, count), watcher)
        _print_look(cluster, [task["taskArn"] for task in started])
        if wait:
            with plain_errors(launcher.lab.url):
                wait_until_steady(watcher, service)
        return
    arns = launcher.run_tasks(registered, count)
    _print_look(cluster, arns)
    if wait:
        with plain_errors(launcher.lab.url):
            ended = wait_for_tasks(watcher, arns)
        for task in ended:
            _say(f"task {task_id(task['taskArn'])}  {why_stopped(task)}")
        failed = {task_id(task["taskArn"]): failed_containers(task, registered) for task in ended}
        if bad := [f"{', '.join(names)} of task {task}" for task, names in failed.items() if names]:
            raise TaskscopeError(f"not ended with exit code 0: {'; '.join(bad)}")


@lab.command()
@click.argument("name", required=False, shell_complete=_complete_scenario)
@click.option("--list", "show_list", is_flag=True, help="List the scenarios and end.")
@click.option("--wait/--no-wait", default=True, help="Wait for the ending, or only start it.  [default: wait]")
@click.option("--keep", is_flag=True, help="Leave a service running that fails for ever; it is else scaled to 0.")
@_ENDPOINT
@_REGION
def scenario(
    name: str | None, *, show_list: bool, wait: bool, keep: bool, endpoint_url: str | None, region: str | None
) -> None:
    """
    Run a shipped scenario in a running lab.

    Without NAME, or with --list, the scenarios are listed. The exit code is 1 when the expected ending does not come.
    """
    if show_list or name is None:
        for each in scenario_names():
            click.echo(f"{each:22}{load_scenario(each, region=DEFAULT_REGION).title}")
        return
    load_scenario(name, region=DEFAULT_REGION)  # an unknown name is said before a lab is looked for
    found = find_lab(endpoint_url, region)
    chosen = load_scenario(name, region=found.region)
    _say(f"{chosen.name}: {chosen.title}")
    if chosen.played_by == "awscli":
        outcome = play_workshop(chosen, found, _say, wait=wait)
    else:
        outcome = play(chosen, found, _say, keep=keep, wait=wait)
    _print_outcome(chosen, outcome)
    if outcome.missing:
        raise TaskscopeError(f"scenario {chosen.name} has not come to its ending: still {'; '.join(outcome.missing)}")


def _print_outcome(chosen: Scenario, outcome: Outcome) -> None:
    """Say what is to be seen, and print the commands that show it."""
    for what in chosen.shows:
        _say(f"shows: {what}")
    for note in outcome.notes:
        _say(f"note: {note}")
    for task in outcome.tasks:
        status = task["lastStatus"]
        _say(f"task {task_id(task['taskArn'])}  {status}  {why_stopped(task) if status == 'STOPPED' else ''}".rstrip())
    _print_look(chosen.cluster, [task["taskArn"] for task in outcome.tasks])
    for line in outcome.commands:
        click.echo(line)
    if chosen.function:
        group = group_of(chosen.function)
        click.echo(f"aws logs filter-log-events --log-group-name {group} --query 'events[].[message]' --output text")


def _print_look(cluster: str, arns: list[str]) -> None:
    """Print the commands that show the tasks; stdout, so that a line can be copied or piped into a shell."""
    if arns and "AWS_ENDPOINT_URL" not in os.environ:
        _say("the next lines need the variables that `taskscope lab up` has printed:")
    for arn in arns:
        click.echo(f"taskscope trace {cluster} {task_id(arn)}")


def _say(line: str) -> None:
    click.echo(line, err=True)
