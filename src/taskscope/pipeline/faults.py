"""Faults of ours, in one line."""

import traceback

from taskscope.errors import TaskscopeError


def told(error: Exception) -> str:
    """Return a line for what we know, and where it happened for what we do not."""
    if isinstance(error, TaskscopeError):
        return str(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({frame.name}, line {frame.lineno})"
