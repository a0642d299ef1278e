"""Filter expressions and the groups that requests name."""

from pathlib import Path

import pytest

from taskscope.api.expressions import with_group
from taskscope.api.xray.state import Group, XrayState
from taskscope.errors import NotFoundError, UsageError


@pytest.mark.parametrize(
    ("expression", "group", "found"),
    [
        ("fault", "", "fault"),
        ("fault", "Default", "fault"),
        ("fault OR error", "slow", "(fault OR error) AND (duration > 5)"),
        (" ", "slow", "duration > 5"),
        ("fault", "all", "fault"),
        ("", "all", ""),
    ],
)
def test_traces_have_to_fit_both(tmp_path: Path, expression: str, group: str, found: str) -> None:
    """What was asked, and what the group asks; a group may ask for nothing."""
    state = XrayState(tmp_path / "xray.json")
    state.create(Group("slow", "duration > 5"), {})
    state.create(Group("all"), {})

    assert with_group(expression, group, state) == found


def test_columns_are_those_of_the_text_that_was_given(tmp_path: Path) -> None:
    """Whatever is put around it later."""
    with pytest.raises(UsageError, match="column 11"):
        with_group("duration >", "", XrayState(tmp_path / "xray.json"))
    with pytest.raises(NotFoundError, match="none"):
        with_group("fault", "none", XrayState(tmp_path / "xray.json"))
