"""Lambda entry points: what a function's handler setting names."""

from taskscope.handler.entry import task_stopped

__all__ = ["task_stopped"]
