"""What can be set of the reading of container statistics."""

import pytest

from taskscope.errors import UsageError
from taskscope.sources.container_stats.config import ContainerStatsConfig


@pytest.mark.parametrize("seconds", [0, 1, 10, 300])
def test_a_fitting_interval_is_taken(seconds: float) -> None:
    """Nought measures nothing."""
    ContainerStatsConfig(seconds).validate()


@pytest.mark.parametrize("seconds", [-1, 0.5, 301, float("nan")])
def test_another_is_refused(seconds: float) -> None:
    """The agent is not there for us alone, and series without a point in five minutes have holes."""
    with pytest.raises(UsageError, match="seconds"):
        ContainerStatsConfig(seconds).validate()
