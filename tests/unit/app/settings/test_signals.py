"""Signals by the names that people call them."""

import pytest

from taskscope.app.settings.signals import SIGNALS, signal_named
from taskscope.errors import UsageError
from taskscope.model.batch import Signal


def test_every_signal_has_one_name() -> None:
    """None is forgotten."""
    assert sorted(SIGNALS.values()) == sorted(Signal)
    assert signal_named("traces") is Signal.SPANS


@pytest.mark.parametrize("name", ["", "spans", "Traces", "all"])
def test_another_name_is_refused(name: str) -> None:
    """With those that there are."""
    with pytest.raises(UsageError) as caught:
        signal_named(name)
    assert "traces" in str(caught.value.hint)
