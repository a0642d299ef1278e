"""Members of JSON objects, of whatever type."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.wire.task_metadata.fields import count, instant, integer, mebibytes, number, pairs, text, texts

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("42", "42"), (42, "42"), (True, ""), (None, ""), (1.5, ""), ([], ""), ("\ud800x", "?x")],
)
def test_text(value: object, expected: str) -> None:
    """Integers are taken for their digits; what UTF-8 cannot carry is replaced."""
    assert text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (1.9, 1),
        (2**64 - 1, 2**64 - 1),
        (9223372036854771713, 9223372036854771713),
        (2**64, None),
        (-1, None),
        (True, None),
        ("1", None),
        (None, None),
        (math.nan, None),
        (math.inf, None),
        (1e300, None),
    ],
)
def test_count(value: object, expected: int | None) -> None:
    """What Go's unsigned integers hold, exactly; nothing else."""
    assert count(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.25, 0.25), (2, 2.0), (-0.5, None), (False, None), (math.nan, None)])
def test_number(value: object, expected: float | None) -> None:
    """Finite, and not below 0."""
    assert number(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(137, 137), (-1, -1), (1.0, None), (True, None), (2**70, None)])
def test_integer(value: object, expected: int | None) -> None:
    """Of either sign."""
    assert integer(value) == expected


def test_mebibytes() -> None:
    """As limits of memory are given."""
    assert mebibytes(512) == 536_870_912
    assert mebibytes("512") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-20T05:08:20.804890001Z", 1_795_151_300_804_890_001),
        ("2026-11-20T05:08:20Z", 1_795_151_300_000_000_000),
        ("2026-11-20T06:08:20.5+01:00", 1_795_151_300_500_000_000),
        ("2026-11-20T05:08:20.0000000019Z", 1_795_151_300_000_000_001),
        ("0001-01-01T00:00:00Z", None),
        ("2026-13-20T05:08:20Z", None),
        ("2026-11-20T05:08:20", None),
        ("yesterday", None),
        (1_795_151_300, None),
        (None, None),
    ],
)
def test_instant(value: object, expected: int | None) -> None:
    """To the nanosecond, with a zone; Go's zero time is none."""
    assert instant(value) == expected


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 - the zone is added
def test_instants_are_exact(moment: datetime) -> None:
    """Whatever Python writes is read back."""
    aware = moment.replace(tzinfo=UTC)

    assert instant(aware.isoformat()) == (aware - _EPOCH) // timedelta(microseconds=1) * 1000


def test_lists_and_maps_keep_what_is_text() -> None:
    """Empty addresses of stopped containers are none."""
    assert texts({"IPv4Addresses": ["", "10.0.0.1", None, {}]}, "IPv4Addresses") == ("10.0.0.1",)
    assert texts({"IPv4Addresses": "10.0.0.1"}, "IPv4Addresses") == ()
    assert pairs({"Labels": {"a": "1", "b": 2, "c": None, "d": {}}}, "Labels") == {"a": "1", "b": "2"}
    assert pairs({}, "Labels") == {}
