"""What ``logs`` prints, piece by piece."""

import json
from collections.abc import Iterator
from datetime import UTC

import pytest

from taskscope.cli.logs.output import LogOutput
from taskscope.cli.logs.query import Shown
from taskscope.model.log_reading import LogEntry, TraceEntry

LINE = LogEntry(0, "x\n", "/g", "s")
Captured = pytest.CaptureFixture[bytes]


def _print(form: str, *pieces: list[Shown], raw: bool = False) -> None:
    output = LogOutput(form, UTC, raw)
    for piece in pieces:
        output.print(piece)
    output.finish()


def test_array_is_one_however_many_pieces_it_has(capfdbinary: Captured) -> None:
    """And an array also where nothing came."""
    _print("json", [Shown(LINE)], [], [Shown(LINE, {"a": 1}), Shown(TraceEntry(0, "1-0-a", 0))])
    three = json.loads(capfdbinary.readouterr().out)
    _print("json")

    assert [min(each) for each in three] == ["log_group", "log_group", "duration_ms"]
    assert three[1]["result"] == {"a": 1}
    assert json.loads(capfdbinary.readouterr().out) == []


def test_result_stands_in_place_of_the_message(capfdbinary: Captured) -> None:
    """A text as it is, everything else as JSON."""
    _print("text", [Shown(LINE, "ü"), Shown(LINE, [1, "ü"])])

    assert capfdbinary.readouterr().out.decode().splitlines() == [
        "s 1970-01-01T00:00:00.000Z ü",
        's 1970-01-01T00:00:00.000Z [1, "ü"]',
    ]


def test_raw_lines_end_as_they_do(capfdbinary: Captured) -> None:
    """Lambda's messages end with a newline of their own; half a surrogate pair stops nothing."""
    _print("text", [Shown(LINE), Shown(LINE._replace(message="y\ud800"))], raw=True)

    assert capfdbinary.readouterr().out == (b"s 1970-01-01T00:00:00.000Z x\ns 1970-01-01T00:00:00.000Z y\\ud800\n")


def test_lines_are_written_as_they_come(capfdbinary: Captured) -> None:
    """A long window is not collected first."""
    written: list[int] = []

    def lines() -> Iterator[Shown]:
        for number in range(2500):
            if number % 1000 == 0:
                written.append(capfdbinary.readouterr().out.count(b"\n"))
            yield Shown(LINE)

    LogOutput("text").print(lines())

    assert written == [0, 1000, 1000]


def test_names_are_lines_or_json(capfdbinary: Captured) -> None:
    """Their number is returned."""
    for form, printed in (("text", b"/a\n/b\n"), ("jsonl", b'"/a"\n"/b"\n'), ("json", b'[\n  "/a",\n  "/b"\n]\n')):
        assert LogOutput(form).names(["/a", "/b"]) == 2
        assert capfdbinary.readouterr().out == printed
