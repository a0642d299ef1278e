"""The OpenTelemetry workshop, played once for all tests here."""

from collections.abc import Iterator

import pytest

from tests.e2e.lab_process import lab_up
from tests.e2e.workshop.story import Workshop, call


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    """Give a lab in which the scenario has been played; its tasks run."""
    with lab_up("--port", "0") as up:
        lab = up.exports()
        yield Workshop(lab, call(["taskscope", "lab", "scenario", "otel-workshop"], lab, seconds=240))


@pytest.fixture(scope="session")
def ended(workshop: Workshop) -> Workshop:
    """
    Give it after the workshop's task was stopped by the line that was printed: nothing is sent any more.

    Modules that want it running come before those that want this one: test_figures, test_running, test_sums.
    """
    workshop.stop_the_workshops_task()
    return workshop
