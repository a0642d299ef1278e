"""``taskscope store``: what the store holds, questions in SQL, and what keeps it sound."""

import json
import sys
from typing import Any

import click

from taskscope.api.admin import MAX_MEMORY_BYTES, MAX_ROWS, MAX_SECONDS
from taskscope.app.commands.sizes import SIZE
from taskscope.app.settings.signals import SIGNALS
from taskscope.app.store.access import open_admin
from taskscope.cli.options import DURATION, INSTANT
from taskscope.cli.tables import print_lines, print_rows
from taskscope.cli.which_server import which_server
from taskscope.client.choice import Choice
from taskscope.clock import SECOND
from taskscope.errors import TaskscopeError, UsageError
from taskscope.render.records import FORMS, cell
from taskscope.render.times import iso_seconds

_OUTPUT = click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the output."
)


@click.group()
def store() -> None:
    """
    Ask and tend the store.

    The running server is asked: the one that --server names, or that runs on the data directory. Where none runs, the
    command opens the store itself.
    """


@store.command()
@which_server
@_OUTPUT
def stats(choice: Choice, output: str) -> None:
    """Tell what each table holds."""
    with open_admin(choice) as admin:
        document = admin.stats()
    if output == "json":
        print_lines([json.dumps(document, indent=2)])
        return
    columns = ("table", "rows", "bytes_on_disk", "parts", "oldest", "newest")
    print_rows(columns, [[each[name] for name in columns] for each in document["tables"]])
    click.echo(
        f"{document['store']}, schema {document['schema_version']}; {document['spool_bytes']} bytes in the spool",
        err=True,
    )


@store.command()
@click.argument("statement", metavar="STATEMENT")
@which_server
@click.option("--max-rows", type=click.IntRange(1, MAX_ROWS), default=10_000, show_default=True, help="Rows at most.")
@click.option("--timeout", type=DURATION, default="30s", show_default=True, help="Time at most, up to 2m.")
@click.option("--max-memory", type=SIZE, default="2GB", show_default=True, help="Memory at most, up to 4GB.")
@click.option("--output", type=click.Choice(list(FORMS)), default="text", show_default=True, help="Form of the output.")
def sql(statement: str, choice: Choice, max_rows: int, timeout: int, max_memory: int, output: str) -> None:
    """
    Ask in SQL, with a statement that only reads; - takes it from stdin.

    Text is a table in a terminal; elsewhere it has tabs between values. `json` is an array of objects.
    """
    _check_range("--timeout", timeout / SECOND, MAX_SECONDS)
    _check_range("--max-memory", max_memory, MAX_MEMORY_BYTES)
    text = sys.stdin.read() if statement == "-" else statement
    with open_admin(choice) as admin:
        answer = admin.sql(text, {}, max_rows=max_rows, timeout_seconds=timeout / SECOND, max_memory_bytes=max_memory)
    columns, rows = answer["columns"], answer["rows"]
    if output == "text":
        print_rows(columns, rows)
    else:
        print_lines(FORMS[output](columns, rows))
    if answer["truncated"]:
        click.echo(f"taskscope: these are the first {max_rows} rows, there are more (--max-rows)", err=True)


@store.command()
@which_server
def migrate(choice: Choice) -> None:
    """Make the schema, or renew it; prints what was done."""
    with open_admin(choice, writes=True, makes=True) as admin:
        done = admin.migrate()
    print_lines(done)
    if not done:
        click.echo("the schema is up to date", err=True)


@store.command()
@which_server
@_OUTPUT
@click.pass_context
def check(context: click.Context, choice: Choice, output: str) -> None:
    """
    Look for what is wrong; exit code 1 if anything is, a body in quarantine included.

    Looks at the schema, the rollups, damage to the spool, and lists the bodies that could not be read, with the reason.
    """
    with open_admin(choice) as admin:
        document = admin.check()
    if output == "json":
        print_lines([json.dumps(document, indent=2)])
    else:
        print_lines(cell(each) for each in document["problems"])
        if document["quarantine"]:
            columns = ("received", "kind", "sender", "size", "file", "reason")
            print_rows(columns, [_quarantined(each) for each in document["quarantine"]])
        click.echo(f"{len(document['problems'])} problems, {document['quarantined']} bodies in quarantine", err=True)
    if document["problems"] or document["quarantined"]:
        context.exit(TaskscopeError.exit_code)


@store.command()
@click.argument("signal", type=click.Choice(list(SIGNALS)))
@which_server
@click.option("--before", type=INSTANT, required=True, help="Delete what happened before: 7d, '2h ago', or a time.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(signal: str, choice: Choice, before: int, yes: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Delete what happened before a time; the room on the disk comes back later."""
    if before < 0:
        raise UsageError("--before is a time after 1970")
    moment = iso_seconds(before, None)
    if not yes and not _agrees(f"Delete all {signal} from before {moment}?"):
        raise TaskscopeError("nothing was deleted")
    with open_admin(choice, writes=True) as admin:
        admin.purge(signal, before)
    click.echo(f"{signal} from before {moment} are deleted", err=True)


def _agrees(question: str) -> bool:
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise UsageError("purge asks first, and nobody answers", hint="give --yes") from None


def _check_range(option: str, value: float, most: float) -> None:
    if not 1 <= value <= most:
        raise UsageError(f"{option} is from 1 to {most:,.0f}")


def _quarantined(each: dict[str, Any]) -> list[Any]:
    moment = iso_seconds(each["received_ns"], None)
    return [moment, each["kind"], each["sender"], each["size"], each["file"], each["reason"]]
