"""Addresses that are given by hand."""

import re

import pytest

from taskscope.sources.discovery.hosts import given_addresses


def test_addresses_are_read_by_machine() -> None:
    """An IP address or a name; the last one counts."""
    assert given_addresses(["mi-1=10.0.0.1", " mi-2 = edge.example.com ", "mi-1=fd00::1"]) == {
        "mi-1": "fd00::1", "mi-2": "edge.example.com",
    }  # fmt: skip


@pytest.mark.parametrize("text", [" ", "mi-1", "mi-1=", "=10.0.0.1", "mi-1=http://10.0.0.1", "mi-1=10.0.0.1 x"])
def test_text_of_another_form_is_refused(text: str) -> None:
    """It is named in the error."""
    with pytest.raises(ValueError, match=re.escape(text)):
        given_addresses([text])
