"""The awslogs driver: streams, options and batches."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.lab.logs.api import LogLine
from taskscope.lab.runner.awslogs import Shipper, destination, open_destination, strftime_pattern
from taskscope.lab.runner.failures import StartFailure
from taskscope.lab.runner.testing import GROUP, REGION, RecordingLogs

TASK = "0" * 31 + "1"


def defined(**options: str) -> dict[str, Any]:
    """Return a container definition with these options of awslogs, group and region given."""
    given = {"awslogs-group": GROUP, "awslogs-region": REGION, **options}
    return {"name": "app", "logConfiguration": {"logDriver": "awslogs", "options": given}}


def test_the_stream_is_prefix_container_and_task() -> None:
    """The rule of ECS for streams with a prefix."""
    to = destination(defined(**{"awslogs-stream-prefix": "web"}), task_id=TASK, runtime_id="ab12")

    assert to
    assert to.stream == to.options["awslogs-stream"] == f"web/app/{TASK}"


def test_without_a_prefix_the_stream_is_the_runtime_id() -> None:
    """On EC2 Docker names the stream by the container's id."""
    to = destination(defined(), task_id=TASK, runtime_id="ab12")

    assert to
    assert to.stream == "ab12"


@pytest.mark.parametrize("driver", ["awsfirelens", "json-file", "none"])
def test_other_drivers_have_no_destination(driver: str) -> None:
    """Their lines do not go to CloudWatch Logs."""
    assert destination({"name": "app", "logConfiguration": {"logDriver": driver}}, task_id=TASK, runtime_id="x") is None


@pytest.mark.parametrize("options", [{"awslogs-group": ""}, {"awslogs-region": ""}, {"awslogs-multiline-pattern": "("}])
def test_bad_options_fail_the_start(options: dict[str, str]) -> None:
    """A required option without a value, or a pattern that does not compile."""
    with pytest.raises(StartFailure, match=r"^ResourceInitializationError: failed to validate logger args"):
        destination(defined(**options), task_id=TASK, runtime_id="x")


def test_a_missing_group_fails_the_start_unless_it_may_be_created() -> None:
    """``awslogs-create-group`` decides."""
    logs = RecordingLogs()
    refused = destination(defined(**{"awslogs-group": "/new"}), task_id=TASK, runtime_id="x")
    created = destination(
        defined(**{"awslogs-group": "/new", "awslogs-create-group": "true"}), task_id=TASK, runtime_id="x"
    )
    assert refused
    assert created

    with pytest.raises(StartFailure, match="ResourceNotFoundException: The specified log group does not exist"):
        open_destination(logs, refused)
    open_destination(logs, created)

    assert (REGION, "/new") in logs.groups


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2060, 1, 1)))  # noqa: DTZ001  # strategies want it naive
def test_a_datetime_format_finds_the_times_that_it_writes(moment: datetime) -> None:
    """Whatever strftime writes by a format, the format's expression finds."""
    moment = moment.replace(tzinfo=UTC)
    for form in ("%Y-%m-%d %H:%M:%S", "[%b %d, %Y %I:%M:%S %p]", "%a %A %B %j %y %w %f %z %%"):
        assert re.fullmatch(strftime_pattern(form), moment.strftime(form))


def test_what_the_service_refuses_is_counted() -> None:
    """A stream that is deleted under a running container costs its lines, not the container."""

    async def run() -> int:
        to = destination(defined(), task_id=TASK, runtime_id="gone")
        assert to
        shipper = Shipper(RecordingLogs(), to, clock_ms=lambda: 0)
        shipper.add([LogLine(1, "a"), LogLine(2, "b")])
        await shipper.close()
        return shipper.refused

    assert asyncio.run(run()) == 2


def test_a_message_that_waits_for_further_lines_is_given_on_in_time() -> None:
    """A multiline message is not held back until the container ends."""

    async def run() -> list[LogLine]:
        logs = RecordingLogs()
        to = destination(defined(**{"awslogs-multiline-pattern": "START"}), task_id=TASK, runtime_id="x")
        assert to
        open_destination(logs, to)
        shipper = Shipper(logs, to, clock_ms=lambda: 10_000)
        shipper.add([LogLine(1, "START"), LogLine(2, "more")])
        await logs.delivered.wait()
        await shipper.close()
        return logs.streams[REGION, GROUP, "x"]

    assert asyncio.run(run()) == [LogLine(1, "START\nmore")]
