"""Rows of a query, in each form."""

import csv
import json
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.render.records import FORMS, as_csv, as_json, as_jsonl, as_text, cell, distinct

_VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.lists(st.integers())
    | st.dictionaries(st.text(), st.text())
)


@given(st.lists(st.lists(_VALUES, min_size=2, max_size=2)))
def test_json_is_an_array_of_objects_with_every_value(rows: list[list[Any]]) -> None:
    """Also of none; and so is each line of JSON lines."""
    wanted = [{"a": first, "b": second} for first, second in rows]

    assert json.loads("\n".join(as_json(["a", "b"], rows))) == wanted
    assert [json.loads(line) for line in as_jsonl(["a", "b"], rows)] == wanted


@given(st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_csv_gives_every_text_back(rows: list[list[str]]) -> None:
    """Whatever commas, quotes and newlines are in it."""
    text = "".join(f"{each}\n" for each in as_csv(["a", "b"], rows))

    assert list(csv.reader(StringIO(text, newline=""))) == [["a", "b"], *rows]


@given(st.lists(st.lists(_VALUES, min_size=2, max_size=2)))
def test_text_has_a_line_for_each_row_and_a_tab_for_each_value(rows: list[list[Any]]) -> None:
    """Whatever is in them: what would break a line or speak to the terminal is written as an escape."""
    lines = list(as_text(["a", "b"], rows))

    assert len(lines) == len(rows) + 1
    assert all(line.count("\t") == 1 for line in lines)
    assert not any(set(line) & set("\n\r\x1b\x00") for line in lines)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        ("x", "x"),
        (7, "7"),
        (True, "true"),
        ([1], "[1]"),
        ({"a": "\u00e9"}, '{"a": "\u00e9"}'),
        ("\x1b[2J", r"\x1b[2J"),
    ],
)
def test_a_value_is_written_for_a_person(value: object, said: str) -> None:
    """Text as it is, nothing for null, the rest as JSON."""
    assert cell(value) == said


def test_columns_of_one_name_are_told_apart() -> None:
    """An object cannot have a key twice; SQL can have a column twice."""
    assert distinct(["n", "n", "n_2", "n"]) == ["n", "n_2", "n_2_2", "n_3"]
    assert list(as_jsonl(["n", "n"], [[1, 2]])) == ['{"n": 1, "n_2": 2}']


def test_every_form_has_a_name() -> None:
    """Those of ``--output``."""
    assert list(FORMS) == ["text", "json", "jsonl", "csv"]
