"""docs/filters.md is true: its examples are read, and no keyword is missing."""

import re
from pathlib import Path

import pytest

from taskscope.errors import UsageError
from taskscope.query.search.ast import Keyword
from taskscope.query.search.parse import parse

_PAGE = (Path(__file__).parents[2] / "docs" / "filters.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
_EXAMPLES = [line for block in _BLOCK.findall(_PAGE) for line in block.splitlines()]


@pytest.mark.parametrize("example", _EXAMPLES)
def test_each_example_is_an_expression(example: str) -> None:
    """What the page shows can be typed."""
    parse(example)


def test_each_keyword_is_told_of() -> None:
    """The page names every keyword."""
    assert [keyword for keyword in Keyword if f"`{keyword}`" not in _PAGE] == []


def test_the_error_is_as_shown() -> None:
    """The page shows a real error."""
    with pytest.raises(UsageError) as caught:
        parse("ok AND respnsetime > 5")

    assert f"{caught.value.message}\n{caught.value.hint}" in _PAGE
