"""Groups and tags, in a file."""

from pathlib import Path

import pytest

from taskscope.api.xray.state import Group, XrayState
from taskscope.errors import NotFoundError, UsageError


def test_what_was_set_is_there_after_a_restart(tmp_path: Path) -> None:
    """Groups with their expressions, and tags."""
    state = XrayState(tmp_path / "data" / "xray.json")
    state.create(Group("slow", "duration > 5"), {"team": "shop"})
    state.create(Group("all", insights=True), {})
    state.update(state.group("slow"), expression="duration > 9")
    state.delete(state.group("all"))

    again = XrayState(tmp_path / "data" / "xray.json")

    assert again.groups() == [Group("slow", "duration > 9")]
    assert again.tags(again.group("slow").arn) == {"team": "shop"}
    assert set(again.expressions().values()) == {"duration > 9"}
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"xray.json"}


def test_a_group_is_found_by_name_or_arn(tmp_path: Path) -> None:
    """And by nothing else."""
    state = XrayState(tmp_path / "xray.json")
    group = Group("slow")
    state.create(group, {})

    assert state.group("slow") == state.group(None, group.arn) == group
    with pytest.raises(NotFoundError, match="fast"):
        state.group("fast")
    with pytest.raises(NotFoundError):
        state.group(None, "arn:aws:xray:x")


@pytest.mark.parametrize("name", ["slow", "Default"])
def test_a_name_is_given_once(tmp_path: Path, name: str) -> None:
    """AWS's own group holds all traces."""
    state = XrayState(tmp_path / "xray.json")
    state.create(Group("slow"), {})

    with pytest.raises(UsageError, match=name):
        state.create(Group(name), {})


@pytest.mark.parametrize("content", ["", "[]", '{"version": 2}', '{"version": 1, "groups": [{"x": 1}], "tags": {}}'])
def test_a_file_of_another_kind_is_not_overwritten(tmp_path: Path, content: str) -> None:
    """It may be of a newer version; the error says where it is."""
    path = tmp_path / "xray.json"
    path.write_text(content)

    with pytest.raises(UsageError, match=r"xray\.json"):
        XrayState(path)
