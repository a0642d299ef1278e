"""Which endpoint is read."""

import pytest

from taskscope.errors import UsageError
from taskscope.exporter.config import find_endpoint

_V3 = {"ECS_CONTAINER_METADATA_URI": "http://169.254.170.2/v3/a"}
_V4 = {"ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/a"}


def test_flag_comes_first_then_the_newest_version() -> None:
    """Empty is not set."""
    assert find_endpoint("http://x", _V3 | _V4) == "http://x"
    assert find_endpoint(None, _V3 | _V4) == "http://169.254.170.2/v4/a"
    assert find_endpoint("", _V3 | {"ECS_CONTAINER_METADATA_URI_V4": ""}) == "http://169.254.170.2/v3/a"


def test_outside_of_ecs_the_mock_is_offered() -> None:
    """In the hint."""
    with pytest.raises(UsageError, match="ECS_CONTAINER_METADATA_URI_V4 is not set") as raised:
        find_endpoint(None, {})
    assert "--mock" in str(raised.value.hint)
