"""Settings of the aggregation."""

import pytest

from taskscope.errors import UsageError
from taskscope.pipeline.aggregate.config import AggregateConfig


def test_defaults_are_valid() -> None:
    """Nobody has to set anything."""
    AggregateConfig().validate()


@pytest.mark.parametrize(
    ("config", "named"),
    [
        (AggregateConfig(signed_gauges="relative"), "signed_gauges is 'relative'"),
        (AggregateConfig(max_series=0), "max_series is 0"),
        (AggregateConfig(max_set_members=-1), "max_set_members is -1"),
        (AggregateConfig(max_gauges=0), "max_gauges is 0"),
    ],
)
def test_wrong_value_is_named(config: AggregateConfig, named: str) -> None:
    """With its setting."""
    with pytest.raises(UsageError, match=named):
        config.validate()
