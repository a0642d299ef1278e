"""What a question may say."""

import pytest

from taskscope.errors import UsageError
from taskscope.store.guard import one_reading_statement


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("SELECT 1;", "SELECT 1"),
        ("  -- why\n(SELECT ';') ", "-- why\n(SELECT ';')"),
        ("WITH 'a''b;' AS x SELECT x", "WITH 'a''b;' AS x SELECT x"),
        ("describe spans ; ", "describe spans"),
    ],
)
def test_reading_statements_pass(statement: str, kept: str) -> None:
    """Comments, brackets and semicolons in texts do no harm; one at the end is taken off."""
    assert one_reading_statement(statement) == kept


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "DROP TABLE spans",
        "-- SELECT\nDROP TABLE spans",
        "SELECT 1; SELECT 2",
        "SELECT 1 into outfile 'x'",
        "SET x = 1",
    ],
)
def test_others_do_not(statement: str) -> None:
    """Anything that begins otherwise, goes on after its end, or writes a file."""
    with pytest.raises(UsageError):
        one_reading_statement(statement)
