"""A discovery whose answers a test makes up."""

from taskscope.errors import TaskscopeError
from taskscope.sources.discovery.look import Discovery, Look


class Looks(Discovery):
    """Answers of looks, one after the other; an error is raised."""

    def __init__(self, *answers: Look | TaskscopeError) -> None:
        self._answers = list(answers)

    def look(self) -> Look:
        """Return the next answer."""
        answer = self._answers.pop(0)
        if isinstance(answer, TaskscopeError):
            raise answer
        return answer
