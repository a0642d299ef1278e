"""docs/sampling.md is what sampling does: its example is read, its table is complete."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from taskscope.pipeline.sample import _MOST_TRACES, RATE_ATTRIBUTE, SamplingConfig

PAGE = (Path(__file__).parents[2] / "docs" / "sampling.md").read_text(encoding="utf-8")


def test_example_is_a_configuration() -> None:
    """Sampling is on by it."""
    [example] = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    config = SamplingConfig(**tomllib.loads(example)["sampling"])

    config.validate()
    assert config.is_on


def test_every_setting_is_there_with_its_default() -> None:
    """And no other."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", PAGE, re.MULTILINE))
    defaults = {field.name: field.default for field in fields(SamplingConfig)}

    assert rows == {
        name: str(value).lower() if isinstance(value, bool) else f"{value:g}" for name, value in defaults.items()
    }


def test_names_and_numbers_are_those_of_the_code() -> None:
    """The attribute, and how many traces are remembered."""
    assert f"`{RATE_ATTRIBUTE}`" in PAGE
    assert f"{_MOST_TRACES:,} traces" in PAGE
