"""Lines of the log."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from taskscope.exporter.log import LineFormatter, start_log

_MOMENT = 1_795_151_190.25


@pytest.fixture(autouse=True)
def _root() -> Iterator[None]:
    """Give the log back as it was."""
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    yield
    root.level, root.handlers[:] = before


def _record(message: str, level: int = logging.INFO, **fields: Any) -> logging.LogRecord:
    record = logging.LogRecord("taskscope.exporter", level, "", 0, message, None, None)
    record.created = _MOMENT
    if fields:
        record.fields = fields
    return record


def test_a_line_is_an_object_of_time_level_and_message_first() -> None:
    """Then its own fields, then those of the user, which overwrite none."""
    line = LineFormatter("json", {"team": "payments", "level": "mine"}).format(_record("listening", port=9659))

    assert line == (
        '{"time": "2026-11-20T05:06:30.250Z", "level": "info", "msg": "listening", "port": 9659, "team": "payments"}'
    )


def test_a_line_is_one_line_whatever_it_says() -> None:
    """Of printable ASCII: messages quote what others sent."""
    nasty = "a\nb\u2028c\x1b[31m\x9b\ud800"
    for form in ("json", "logfmt"):
        line = LineFormatter(form, {"k": nasty}).format(_record(nasty, peer=nasty))
        assert line.isascii()
        assert line.isprintable()


def test_logfmt_quotes_what_needs_it() -> None:
    """As exporters in Go write it."""
    line = LineFormatter("logfmt", {"team": "a=b"}).format(
        _record("statistics are missing", logging.WARNING, faults=["x"], empty="", count=3)
    )

    assert line == (
        'time=2026-11-20T05:06:30.250Z level=warn msg="statistics are missing" '
        'faults="[\\"x\\"]" empty="" count=3 team="a=b"'
    )


def test_tracebacks_are_fields() -> None:
    """Not lines of their own."""
    record = _record("a request could not be answered", logging.ERROR)
    record.exc_info = (ZeroDivisionError, ZeroDivisionError("of a test"), None)
    document = json.loads(LineFormatter("json", {}).format(record))

    assert document["level"] == "error"
    assert "ZeroDivisionError" in document["traceback"]


def test_levels_below_are_left_out() -> None:
    """By the names that exporters have for them."""
    stream = io.StringIO()
    start_log(stream, level="warn", form="json", additional='{"team": "payments"}')
    logging.getLogger("taskscope.exporter.x").info("no")
    logging.getLogger("taskscope.exporter.x").warning("yes")

    [line] = map(json.loads, stream.getvalue().splitlines())
    assert (line["msg"], line["level"], line["team"]) == ("yes", "warn", "payments")


@pytest.mark.parametrize(
    ("additional", "why"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('["a"]', "no JSON object"),
        ('{"a": 1}', "the value of 'a' is no text"),
        ('{"a": "b", "c": null}', "the value of 'c' is no text"),
    ],
)
def test_additional_fields_that_are_wrong_are_left_out_and_said_once(additional: str, why: str) -> None:
    """The exporter runs all the same."""
    stream = io.StringIO()
    start_log(stream, level="info", form="json", additional=additional)
    logging.getLogger("taskscope.exporter").info("listening")

    warning, other = map(json.loads, stream.getvalue().splitlines())
    assert (warning["level"], warning["variable"]) == ("warn", "ADDITIONAL_LOG_FIELDS")
    assert why in warning["why"]
    assert other.keys() == {"time", "level", "msg"}
