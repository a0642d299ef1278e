"""What a list of tasks shows of each."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Final

from taskscope.model.ecs import Task, name_of
from taskscope.render.times import iso_seconds

TASK_COLUMNS: Final = ("TASK", "DEFINITION", "LAST", "DESIRED", "CREATED", "GROUP", "LAUNCH")


def task_rows(tasks: Iterable[Task], *, zone: tzinfo | None) -> Iterable[list[str]]:
    """Yield id, definition:revision, last and desired status, creation, group and launch type."""
    for task in tasks:
        yield [
            task.id,
            name_of(task.definition_arn),
            task.last_status,
            task.desired_status,
            iso_seconds(task.created_at, zone),
            task.group,
            task.launch_type,
        ]
