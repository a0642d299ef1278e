"""Which task is meant, and what is said when none is."""

from collections.abc import Callable

import pytest

from taskscope.aws.ecs import Ecs
from taskscope.errors import AmbiguousError, NotFoundError, UsageError
from taskscope.model.ecs import Task
from taskscope.sources.target import Target, find_task, list_tasks, parse

ID = "0123456789abcdef0123456789abcdef"
OTHER = "01fff6789abcdef0123456789abcdef0"
ARN = f"arn:aws:ecs:eu-west-1:123456789012:task/prod/{ID}"

Make = Callable[..., Ecs]


def _task(task_id: str, created: int = 1, status: str = "RUNNING") -> Task:
    return Task(f"arn:aws:ecs:eu-west-1:1:task/prod/{task_id}", "arn:x/prod", "a/d:1", created, status, status)


@pytest.mark.parametrize(
    ("cluster", "task", "expected"),
    [
        (None, None, Target()),
        ("prod", None, Target("prod")),
        ("prod", ID, Target("prod", ID)),
        ("prod", "0123", Target("prod", "0123")),
        (ARN, None, Target("prod", ID, "eu-west-1")),
        ("prod", ARN, Target("prod", ID, "eu-west-1")),
        ("arn:aws:ecs:eu-west-1:1:cluster/prod", None, Target("prod", None, "eu-west-1")),
        ("arn:aws:ecs:eu-west-1:1:cluster/prod", ARN, Target("prod", ID, "eu-west-1")),
        ("arn:aws-cn:ecs:cn-north-1:1:cluster/prod", "0123", Target("prod", "0123", "cn-north-1")),
        (f"arn:aws:ecs:us-east-1:1:task/{ID}", None, Target(None, ID, "us-east-1")),
        (f"arn:aws-us-gov:ecs:us-gov-west-1:1:task/prod/{ID}", None, Target("prod", ID, "us-gov-west-1")),
    ],
)
def test_names_and_arns_say_which_task(cluster: str | None, task: str | None, expected: Target) -> None:
    """CLUSTER is a name or an ARN, TASK an id, the beginning of one or an ARN, which may stand alone."""
    assert parse(cluster, task) == expected


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/{id}/logs?region=eu-west-1", "eu-west-1"),
        ("https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/{id}", "eu-west-1"),
        ("https://console.aws.amazon.com/ecs/v2/clusters/prod/services/web/tasks/{id}?region=eu-west-3", "eu-west-3"),
        ("https://console.aws.amazon.com/ecs/home?region=us-east-1#/clusters/prod/tasks/{id}/details", "us-east-1"),
        ("https://console.aws.amazon.com/ecs/home#/clusters/prod/tasks/prod/{id}/details", None),
        ("https://cn-north-1.console.amazonaws.cn/ecs/v2/clusters/prod/tasks/{id}/configuration", "cn-north-1"),
        ("https://eusc-de-east-1.console.amazonaws-eusc.eu/ecs/v2/clusters/prod/tasks/{id}", "eusc-de-east-1"),
        ("https://123456789012-ab1cd2ef.eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/{id}", "eu-west-1"),
        ("https://us-gov-west-1.console.amazonaws-us-gov.com/ecs/v2/clusters/prod/tasks/{id}", "us-gov-west-1"),
    ],
)  # fmt: skip
def test_console_address_says_cluster_task_and_region(address: str, region: str | None) -> None:
    """Of the present console and of the one before; the region stands in the query or in the host."""
    assert parse(address.format(id=ID), None) == Target("prod", ID, region)


def test_clusters_that_differ_are_refused() -> None:
    """A task's ARN names its cluster: another one beside it is a mistake."""
    with pytest.raises(UsageError, match="of cluster prod, not of staging"):
        parse("staging", ARN)


def test_address_of_another_page_is_refused() -> None:
    """A cluster's page names no task."""
    with pytest.raises(UsageError, match="is not the address of a task"):
        parse("https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services", None)


def test_task_is_found_by_id_and_by_unique_beginning(make_ecs: Make) -> None:
    """A full id needs one call; a beginning is looked up among all tasks."""
    ecs = make_ecs({"prod": [_task(ID), _task(OTHER)]})

    assert find_task(ecs, "prod", ID).id == ID
    assert find_task(ecs, "prod", "012").id == ID


def test_ambiguous_beginning_names_the_candidates(make_ecs: Make) -> None:
    """At most five of them."""
    ecs = make_ecs({"prod": [_task(ID), _task(OTHER)]})
    many = make_ecs({"prod": [_task(f"01{number:030x}") for number in range(7)]})

    with pytest.raises(AmbiguousError, match=f"2 tasks of cluster prod begin with 01: {ID}, {OTHER} \\("):
        find_task(ecs, "prod", "01")
    with pytest.raises(AmbiguousError, match=r"7 tasks .*, … \("):
        find_task(many, "prod", "01")


def test_unknown_task_names_the_nearest(make_ecs: Make) -> None:
    """One wrong digit; or, where nothing is near, how to list what there is; and that ECS forgets."""
    ecs = make_ecs({"prod": [_task(ID)]})

    with pytest.raises(NotFoundError, match="more than an hour ago") as near:
        find_task(ecs, "prod", ID[:-1] + "0")
    with pytest.raises(NotFoundError) as far:
        find_task(ecs, "prod", "zzz")

    assert near.value.hint == f"did you mean {ID}?"
    assert far.value.hint == "leave the task out to list the 1 that there are"


def test_task_that_is_listed_and_missing_is_not_suggested(make_ecs: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """ECS forgets it between the two calls: what was asked for is no suggestion."""
    ecs = make_ecs({"prod": [_task(ID)]})
    monkeypatch.setattr(ecs, "tasks", lambda *_asked: [])

    for asked in (ID, "0123"):
        with pytest.raises(NotFoundError) as caught:
            find_task(ecs, "prod", asked)
        assert "did you mean" not in (caught.value.hint or "")


def test_unknown_cluster_names_the_nearest(make_ecs: Make) -> None:
    """By name where one is near, else what there is; both for a task and for a list."""
    ecs = make_ecs({"production": [], "other": []})

    with pytest.raises(NotFoundError, match="no cluster producton") as near:
        find_task(ecs, "producton", ID)
    with pytest.raises(NotFoundError) as far:
        list_tasks(ecs, "zzz")
    with pytest.raises(NotFoundError) as none:
        list_tasks(make_ecs({}), "zzz")

    assert near.value.hint == "did you mean production?"
    assert far.value.hint == "there are: other, production"
    assert none.value.hint == "there is none: check --region"


def test_tasks_that_live_are_listed_first(make_ecs: Make) -> None:
    """Then the stopped ones, each group by creation."""
    tasks = [_task("a", 3, "STOPPED"), _task("b", 2), _task("c", 1, "STOPPED"), _task("d", 1, "PENDING")]

    assert [each.id for each in list_tasks(make_ecs({"prod": tasks}), "prod")] == ["d", "b", "c", "a"]
