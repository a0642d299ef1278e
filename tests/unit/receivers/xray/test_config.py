"""Settings that cannot be right are refused by name."""

from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest

from taskscope.config.setting import KEY
from taskscope.config.values import write_value
from taskscope.errors import UsageError
from taskscope.receivers.xray.config import XrayConfig

_PAGE = Path(__file__).parents[4] / "docs" / "receivers" / "xray.md"


def test_defaults_are_valid() -> None:
    """What is set by nobody works."""
    XrayConfig().validate()


@pytest.mark.parametrize(
    "wrong",
    [{each.name: -1} for each in fields(XrayConfig)]
    + [{"default_rate": 1.5}, {"default_rate": float("nan")}, {"request_seconds": 0}, {"max_held_bytes": 1}],
    ids=str,
)
def test_wrong_setting_is_named(wrong: dict[str, Any]) -> None:
    """The error names the setting and its value."""
    [(name, value)] = wrong.items()
    with pytest.raises(UsageError, match=name) as raised:
        XrayConfig(**wrong).validate()

    assert str(value) in str(raised.value)


@pytest.mark.parametrize("each", fields(XrayConfig), ids=lambda each: str(each.name))
def test_each_setting_is_on_the_page(each: Field[Any]) -> None:
    """With its default and its help, as the class has them."""
    default = write_value(each.default, name=each.name) or "none"

    assert f"| `{each.name}` | {default} | {each.metadata[KEY].help} |\n" in _PAGE.read_text(encoding="utf-8")
