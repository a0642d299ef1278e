"""What an import says at its end."""

import pytest

from taskscope.cli.imports.tally import Tally
from taskscope.model.imported import ImportedTrace, ImportReceipt


def _tally(**counts: int) -> Tally:
    tally = Tally()
    for signal, count in counts.items():
        traces = tuple(ImportedTrace(f"{each}", 1, 0) for each in range(2)) if signal == "spans" else ()
        tally.add(signal, ImportReceipt(count, 1, 0, (), traces))
    return tally


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({}, "imported nothing new, 0 known already, 0 refused"),
        ({"spans": 9310}, "imported 2 traces (9,310 spans), 1 known already, 0 refused"),
        ({"logs": 1}, "imported 1 log record, 1 known already, 0 refused"),
        (
            {"spans": 3, "logs": 2, "metrics": 1},
            "imported 2 traces (3 spans), 2 log records and 1 datapoint, 3 known already, 0 refused",
        ),
    ],
)
def test_it_is_a_sentence(counts: dict[str, int], text: str) -> None:
    """With what there was only."""
    assert _tally(**counts).text() == text


def test_only_the_first_reasons_are_kept() -> None:
    """Each once, and all are counted."""
    tally = Tally()
    for number in range(20):
        tally.refuse(1, f"reason {number // 2}")

    assert (tally.refused, len(tally.reasons)) == (20, 5)
    assert tally.document()["reasons"][0] == "reason 0"
