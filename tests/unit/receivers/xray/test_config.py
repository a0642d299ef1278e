"""Settings that cannot be right are refused by name."""

from dataclasses import fields
from typing import Any

import pytest

from taskscope.config.setting import KEY
from taskscope.errors import UsageError
from taskscope.receivers.xray.config import XrayConfig


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


def test_each_setting_is_documented() -> None:
    """Its help is one sentence."""
    assert all(each.metadata[KEY].help.endswith(".") for each in fields(XrayConfig))
