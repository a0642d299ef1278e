"""Faults in one line."""

import pytest

from taskscope.errors import UnreachableError
from taskscope.pipeline.faults import told


def test_known_cause_speaks_for_itself() -> None:
    """With its hint."""
    assert told(UnreachableError("nothing answers", hint="start it")) == "nothing answers (start it)"


def test_unknown_cause_says_where() -> None:
    """Type, message, function, line."""
    with pytest.raises(KeyError) as caught:
        dict[str, str]()["missing"]

    assert told(caught.value).startswith("KeyError: 'missing' (test_unknown_cause_says_where, line ")
