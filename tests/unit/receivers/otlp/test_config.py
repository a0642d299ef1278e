"""Settings that cannot be right are refused by name."""

from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest

from taskscope.config.setting import KEY
from taskscope.config.values import write_value
from taskscope.errors import UsageError
from taskscope.receivers.otlp.config import OtlpConfig

_PAGE = Path(__file__).parents[4] / "docs" / "receivers" / "otlp.md"


def test_defaults_are_valid() -> None:
    """What is set by nobody works."""
    OtlpConfig().validate()


@pytest.mark.parametrize(
    "wrong",
    [{each.name: 0} for each in fields(OtlpConfig) if each.name != "allowed_origins"]
    + [
        {"body_seconds": float("nan")},
        {"max_held_bytes": (64 << 20) - 1},
        {"max_body_bytes": 257 << 20, "max_held_bytes": 1 << 30},
        {"allowed_origins": ("shop.example",)},
    ],
    ids=str,
)
def test_wrong_setting_is_named(wrong: dict[str, Any]) -> None:
    """The error names the setting and its value."""
    name, value = next(iter(wrong.items()))
    with pytest.raises(UsageError, match=name) as raised:
        OtlpConfig(**wrong).validate()

    shown = value[0] if isinstance(value, tuple) else value
    assert str(shown) in str(raised.value)


@pytest.mark.parametrize("each", fields(OtlpConfig), ids=lambda each: str(each.name))
def test_each_setting_is_on_the_page(each: Field[Any]) -> None:
    """With its default and its help, as the class has them."""
    default = write_value(each.default, name=each.name) or "none"

    assert f"| `{each.name}` | {default} | {each.metadata[KEY].help} |\n" in _PAGE.read_text(encoding="utf-8")
