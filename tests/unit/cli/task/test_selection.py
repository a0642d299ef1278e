"""Filters of a timeline."""

import pytest

from taskscope.cli.task.selection import Selection, compile_pattern
from taskscope.errors import UsageError
from taskscope.model.timeline import Kind, TimelineEvent

TASK = TimelineEvent(0, Kind.LIFECYCLE, "Created")
SERVICE = TimelineEvent(0, Kind.SERVICE_EVENT, "steady state")
STATE = TimelineEvent(0, Kind.CONTAINER_STATE, "RUNNING", container="web")
LOG = TimelineEvent(0, Kind.LOG, "GET /", container="web")
OTHER = TimelineEvent(0, Kind.LOG, "GET /", container="proxy")
ALL = [TASK, SERVICE, STATE, LOG, OTHER]


def _shown(selection: Selection) -> list[TimelineEvent]:
    return [each for each in ALL if selection.shows(each)]


def test_no_filter_shows_everything() -> None:
    """And wants logs."""
    assert _shown(Selection()) == ALL
    assert Selection().logs


def test_sources_choose_columns() -> None:
    """One or more; logs are read only where containers are shown."""
    assert _shown(Selection(sources=["task", "service"])) == [TASK, SERVICE]
    assert _shown(Selection(sources=["container"])) == [STATE, LOG, OTHER]
    assert not Selection(sources=["task"]).logs
    assert Selection(sources=["task", "container"]).logs


def test_container_leaves_task_and_service_alone() -> None:
    """It chooses among containers."""
    assert _shown(Selection(containers=["web"])) == [TASK, SERVICE, STATE, LOG]
    assert Selection(containers=["web"]).container("web")
    assert not Selection(containers=["web"]).container("proxy")


def test_grep_looks_into_every_message() -> None:
    """Anywhere in it, as a regular expression."""
    assert _shown(Selection(pattern=compile_pattern("GET|[Ss]teady"))) == [SERVICE, LOG, OTHER]


def test_no_logs_reads_none() -> None:
    """The containers' states stay."""
    assert not Selection(no_logs=True).logs


def test_what_is_no_regular_expression_is_refused() -> None:
    """The error shows it and says where it goes wrong."""
    assert compile_pattern(None) is None
    with pytest.raises(UsageError, match=r"--grep '\(' is no regular expression"):
        compile_pattern("(")
