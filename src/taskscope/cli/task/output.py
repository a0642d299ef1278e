"""What ``trace`` prints: the timeline, clusters and tasks, in the form that was asked for."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import click

from taskscope.model.ecs import Task
from taskscope.model.timeline import TimelineEvent
from taskscope.render.json import event_document, task_document, window_document
from taskscope.render.text import ansi, line
from taskscope.sources.timeline import Notice, Timeline

FORMS = ("text", "table", "json", "jsonl")


@dataclass(frozen=True, slots=True)
class Output:
    """Prints to stdout; what is said about the data goes to stderr."""

    form: str
    """Of ``FORMS``."""
    zone: tzinfo | None = None
    raw: bool = False
    color: bool = False

    def timeline(self, timeline: Timeline) -> None:
        """Print the whole timeline of a task."""
        if self.form == "json":
            self._json(
                {
                    "task": task_document(timeline.task, zone=self.zone),
                    "events": [event_document(each, zone=self.zone) for each in timeline.events],
                    "notices": [each.text for each in timeline.notices],
                    "unread": window_document(timeline.unread, zone=self.zone),
                }
            )
        elif self.form == "table":
            from taskscope.render.table import timeline_rows  # noqa: PLC0415 (rich takes 36 ms to load)

            self._table(["TIME", "SOURCE", "", "MESSAGE"], timeline_rows(timeline.events, zone=self.zone))
        else:
            self.events(timeline.events)

    def events(self, events: Iterable[TimelineEvent]) -> None:
        """Print events a line each, as text or as JSON lines."""
        if self.form == "jsonl":
            self._lines(json.dumps(event_document(each, zone=self.zone), ensure_ascii=False) for each in events)
        else:
            paint = ansi if self.color else None
            self._lines(line(each, zone=self.zone, raw=self.raw, paint=paint) for each in events)

    def clusters(self, names: Sequence[str]) -> None:
        """Print the names of clusters."""
        if self.form == "json":
            self._json(names)
        elif self.form == "jsonl":
            self._lines(json.dumps(each) for each in names)
        else:
            self._lines(names)

    def tasks(self, tasks: Sequence[Task]) -> None:
        """Print the tasks of a cluster."""
        from taskscope.render.rows import TASK_COLUMNS, task_rows  # noqa: PLC0415 (only for lists)

        documents = (task_document(each, zone=self.zone) for each in tasks)
        if self.form == "json":
            self._json(list(documents))
        elif self.form == "jsonl":
            self._lines(json.dumps(each) for each in documents)
        elif self.form == "table":
            self._table(TASK_COLUMNS, task_rows(tasks, zone=self.zone))
        else:
            self._lines("\t".join(each) for each in task_rows(tasks, zone=self.zone))

    @staticmethod
    def notices(notices: Iterable[Notice]) -> None:
        """Say on stderr what is not in the timeline."""
        for each in notices:
            click.echo(f"taskscope: {each.text}", err=True)

    def _table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        from taskscope.render.table import print_rows  # noqa: PLC0415 (rich takes 36 ms to load)

        print_rows(columns, rows, color=self.color, terminal=sys.stdout.isatty())

    def _json(self, document: object) -> None:
        self._lines([json.dumps(document, ensure_ascii=False, indent=2)])

    def _lines(self, lines: Iterable[str]) -> None:
        """Write lines in large pieces: a write for each of 30,000 lines takes longer than to read them."""
        text = "".join(each if self.raw and each.endswith("\n") else f"{each}\n" for each in lines)
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
