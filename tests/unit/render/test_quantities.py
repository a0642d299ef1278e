"""Quantities for people."""

import math

import pytest

from taskscope.render.quantities import quantity


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "1", "0"),
        (12, "", "12"),
        (1234.5, "1", "1234"),
        (9999, "1", "9999"),
        (10_000, "1", "10k"),
        (24_120, "1", "24.1k"),
        (3.2e6, "1", "3.2M"),
        (-24_120, "1", "-24.1k"),
        (0.5, "{request}/s", "0.5 request/s"),
        (99.97, "1/s", "100/s"),
        (0.12345, "1", "0.123"),
        (0.000012, "1", "1.2e-05"),
        (2e18, "1", "2e+18"),
        (512, "By", "512 B"),
        (1536, "By", "1.5 KiB"),
        (3 * 2**30, "By/s", "3 GiB/s"),
        (-2048, "By", "-2 KiB"),
        (1e25, "By", "8.88e+09 PiB"),
        (0.0123, "s", "12.3 ms"),
        (250, "ms", "250 ms"),
        (90_000, "ms", "1m30s"),
        (-0.5, "s", "-500 ms"),
        (5, "ms/s", "5 ms/s"),
        (1e12, "s", "1T s"),
        (12.5, "%", "12.5%"),
        (3, "{fault}", "3 fault"),
        (7, "widgets", "7 widgets"),
        (math.nan, "1", "-"),
        (math.inf, "s", "-"),
    ],
)
def test_a_value_is_written_with_three_figures_and_its_unit(value: float, unit: str, text: str) -> None:
    """Bytes in powers of 1024, times as durations, all else in thousands."""
    assert quantity(value, unit) == text


def test_a_unit_does_not_speak_to_the_terminal() -> None:
    """Whoever may send metrics says which units they have."""
    assert quantity(3.0, "\x1b[2Jjobs\n/\x07") == r"3 \x1b[2Jjobs\n/\x07"
