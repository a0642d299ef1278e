"""One family at a time."""

from taskscope.exporter.metrics.family import family, info, seconds, shown, single
from taskscope.model.task_metadata import TaskContainer, TaskInfo


def test_kind_follows_the_name() -> None:
    """What ends in ``_total`` counts."""
    [counter] = family("a_total", "A", ("x",), [(("1",), 5), (("2",), None)])
    [gauge] = single("a_bytes", "A", 0)

    assert (counter.type, [(each.name, each.labels, each.value) for each in counter.samples]) == (
        "counter",
        [("a_total", {"x": "1"}, 5)],
    )
    assert (gauge.type, [(each.name, each.labels, each.value) for each in gauge.samples]) == (
        "gauge",
        [("a_bytes", {}, 0)],
    )


def test_families_without_samples_are_left_out() -> None:
    """Prometheus would know them by their text alone."""
    assert list(family("a", "A", ("x",), [(("1",), None)])) == []
    assert list(single("a", "A", None)) == []
    assert list(info("a", "A", [])) == []


def test_seconds() -> None:
    """Of nanoseconds, where there are any."""
    assert seconds(1_500_000_000) == 1.5
    assert seconds(None) is None


def test_containers_are_shown_by_name() -> None:
    """Each once, without the agent's own."""
    task = TaskInfo(
        "shop",
        "arn",
        "api",
        "1",
        containers=(
            TaskContainer("1", "app"),
            TaskContainer("2", "other"),
            TaskContainer("3", "app"),
            TaskContainer("4", "pause", type="CNI_PAUSE"),
        ),
    )

    assert [each.id for each in shown(task)] == ["3", "2"]
