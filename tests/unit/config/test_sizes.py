"""Sizes in bytes, as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.config.sizes import format_size, parse_size
from taskscope.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("4096", 4096),
        ("12 B", 12),
        ("16MiB", 16 * 1024**2),
        ("64kB", 64_000),
        ("64KB", 64_000),
        ("1GB", 10**9),
        (" 1.5 gib ", 3 * 1024**3 // 2),
        ("2TiB", 2 * 1024**4),
        ("3tb", 3 * 10**12),
        ("0.5kB", 500),
    ],
)
def test_size_reads_decimal_and_binary_units(text: str, expected: int) -> None:
    """kB is of 1,000 and KiB of 1,024, as their standards say, whatever the case."""
    assert parse_size(text) == expected


@pytest.mark.parametrize("text", ["", "MiB", "16M", "64k", "-1kB", "1,5GB", "1..5GB", "1e3", "ten"])
def test_what_is_no_size_is_refused(text: str) -> None:
    """So is a bare letter, which means 1,000 to some and 1,024 to others; the error shows how to write one."""
    with pytest.raises(UsageError, match="is no size") as caught:
        parse_size(text)

    assert caught.value.hint == "write it as 16MiB, 64kB, 1GB or as bytes"


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0, "0"), (16 * 1024**2, "16MiB"), (64_000, "64kB"), (65_536, "64KiB"), (10**9, "1GB"), (4097, "4097")],
)
def test_size_is_written_in_the_unit_that_fits(size: int, expected: str) -> None:
    """The largest one that loses nothing."""
    assert format_size(size) == expected


@given(st.integers(0, 2**60))
def test_written_size_reads_as_itself(size: int) -> None:
    """What ``config show`` prints can be pasted into the file."""
    assert parse_size(format_size(size)) == size
