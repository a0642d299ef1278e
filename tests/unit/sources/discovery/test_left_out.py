"""What is said of tasks that are no target."""

from taskscope.model.placement import PlacedTask
from taskscope.sources.discovery.left_out import LeftOut, lines

_ARN = "arn:aws:ecs:eu-west-1:111122223333"


def _task(number: int, family: str = "web") -> PlacedTask:
    return PlacedTask(f"{_ARN}:task/shop/{number:032x}", f"{_ARN}:cluster/shop", f"{_ARN}:task-definition/{family}:4")


def test_tasks_with_one_reason_share_a_line() -> None:
    """Each task definition and reason has a line; five tasks are named."""
    left_out = [LeftOut(_task(number << 96), "of that") for number in range(7)]
    left_out += [LeftOut(_task(9 << 96, "job"), "of that"), LeftOut(_task(1 << 96), "of this")]

    assert lines(left_out) == [
        "left out task 00000009 of job:4 in cluster shop: of that",
        ("left out 7 tasks (00000000, 00000001, 00000002, 00000003, 00000004, …) of web:4 in cluster shop: of that"),
        "left out task 00000001 of web:4 in cluster shop: of this",
    ]


def test_nothing_is_said_of_nothing() -> None:
    """No line at all."""
    assert lines([]) == []
