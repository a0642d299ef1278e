"""Settings that cannot be right are refused by name."""

from dataclasses import fields
from typing import Any

import pytest

from taskscope.config.setting import KEY
from taskscope.errors import UsageError
from taskscope.receivers.otlp.config import OtlpConfig


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


def test_each_setting_is_documented() -> None:
    """Its help is one sentence."""
    assert all(each.metadata[KEY].help.endswith(".") for each in fields(OtlpConfig))
