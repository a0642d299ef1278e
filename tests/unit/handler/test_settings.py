"""The function's settings."""

import pytest

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.handler.settings import Settings

TOPIC = "arn:aws:sns:us-east-1:123456789012:tasks"


def test_defaults_print_a_minute_around_start_and_end() -> None:
    """To the log, to no topic."""
    assert Settings.read({}) == Settings(duration=60 * SECOND, topic="", stdout=True)


def test_both_families_of_names_are_read_and_ours_wins() -> None:
    """TRACER_* as fujiwara/tracer has them; an empty variable counts for nothing."""
    tracer = {"TRACER_DURATION": "5m", "TRACER_SNS": TOPIC, "TRACER_STDOUT": "false"}

    assert Settings.read(tracer) == Settings(300 * SECOND, TOPIC, stdout=False)
    assert Settings.read({**tracer, "TASKSCOPE_DURATION": "90s"}).duration == 90 * SECOND
    assert Settings.read({**tracer, "TASKSCOPE_DURATION": "", "TRACER_SNS": ""}) == Settings(
        300 * SECOND, "", stdout=False
    )


@pytest.mark.parametrize(
    ("text", "stdout"), [("0", False), ("False", False), ("no", False), ("1", True), ("true", True)]
)
def test_stdout_can_be_turned_off(text: str, stdout: bool) -> None:  # noqa: FBT001 (a column of the table)
    """By the usual words."""
    assert Settings.read({"TASKSCOPE_STDOUT": text}).stdout is stdout


def test_wrong_duration_names_the_variable() -> None:
    """And shows the value."""
    with pytest.raises(UsageError, match="TASKSCOPE_DURATION: 'soon' is no duration"):
        Settings.read({"TRACER_DURATION": "soon"})
