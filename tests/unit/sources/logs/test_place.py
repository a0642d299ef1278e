"""Places: which streams belong to one, what they are labelled with, and which stand for others."""

import pytest

from taskscope.sources.logs.place import LogPlace, distinct

GROUP = LogPlace("/g")
CONTAINER = LogPlace("/g", prefix="ecs/web/", labels={"container": "web"})
TASK = LogPlace("/g", stream="ecs/web/1")
FUNCTION = LogPlace("/g", function="f")


@pytest.mark.parametrize(
    ("place", "stream", "wanted"),
    [
        (GROUP, "any", True),
        (CONTAINER, "ecs/web/1", True),
        (CONTAINER, "ecs/api/1", False),
        (TASK, "ecs/web/1", True),
        (TASK, "ecs/web/12", False),
        (FUNCTION, "2026/11/20/f[$LATEST]0a", True),
        (FUNCTION, "2026/11/20/g[7]0a", False),
        (FUNCTION, "2026/11/20/[$LATEST]0a", True),
        (FUNCTION, "custom", True),
    ],
)
def test_streams_of_a_place(place: LogPlace, stream: str, wanted: bool) -> None:  # noqa: FBT001 (a parameter)
    """A whole group, a prefix, one stream, or a function's in a shared group, where its name is there."""
    assert place.wants(stream) is wanted


def test_stream_of_a_container_names_its_task() -> None:
    """What follows the prefix."""
    assert CONTAINER.labels_of("ecs/web/0123") == {"container": "web", "task": "0123"}
    assert GROUP.labels_of("x") == {}


def test_what_another_place_reads_is_left_out() -> None:
    """So that no line is read twice."""
    other = LogPlace("/g", "eu-west-1", stream="ecs/web/1")

    assert distinct([TASK, CONTAINER, TASK, other]) == [CONTAINER, other]
    assert distinct([TASK, FUNCTION, GROUP, CONTAINER]) == [GROUP]
    assert distinct([FUNCTION, LogPlace("/g", function="h"), FUNCTION]) == [FUNCTION, LogPlace("/g", function="h")]
    assert distinct([CONTAINER, LogPlace("/g", prefix="ecs/web/x/")]) == [CONTAINER]
