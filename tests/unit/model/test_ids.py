"""Trace ids in X-Ray's spelling and in OpenTelemetry's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.model.ids import TRACE_ID_BYTES, trace_id_from_xray, trace_id_to_xray

ID = bytes.fromhex("5759e988bd862e3fe1be46a994272793")


@pytest.mark.parametrize(
    "text",
    [
        "1-5759e988-bd862e3fe1be46a994272793",
        "1-5759E988-BD862E3FE1BE46A994272793",
        "5759e988bd862e3fe1be46a994272793",
        "5759E988BD862E3FE1BE46A994272793",
    ],
)
def test_trace_id_is_read_in_both_spellings(text: str) -> None:
    """X-Ray's, and 32 hex digits; of either case."""
    assert trace_id_from_xray(text) == ID


@pytest.mark.parametrize(
    ("text", "hexadecimal"),
    [
        ("1-59e988-bd862e3fe1be46a994272793", "0059e988bd862e3fe1be46a994272793"),
        ("1-0-bd862e3fe1be46a994272793", "00000000bd862e3fe1be46a994272793"),
    ],
)
def test_time_without_leading_zeros_is_padded(text: str, hexadecimal: str) -> None:
    """Some SDKs leave them out."""
    assert trace_id_from_xray(text).hex() == hexadecimal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1-5759e988-bd862e3fe1be46a99427279",
        "1-5759e988-bd862e3fe1be46a9942727933",
        "1-5759e9881-bd862e3fe1be46a994272793",
        "1--bd862e3fe1be46a994272793",
        "2-5759e988-bd862e3fe1be46a994272793",
        "1-5759e98g-bd862e3fe1be46a994272793",
        "1-5759e988-bd862e3fe1be46a994272793\n",
        " 1-5759e988-bd862e3fe1be46a994272793",
        "5759e988bd862e3fe1be46a99427279",
        "5759e988bd862e3fe1be46a9942727zz",
        "5759e988 bd862e3 e1be46a99427279 ",
        "\u0665" * 32,
        "1-\u0665-bd862e3fe1be46a994272793",
    ],
)
def test_what_is_no_trace_id_is_refused(text: str) -> None:
    """One digit more or less, another version, spaces, digits of other scripts."""
    with pytest.raises(ValueError):  # noqa: PT011 (bytes.fromhex has words of its own)
        trace_id_from_xray(text)


def test_error_shows_the_beginning_only() -> None:
    """A sender may put anything there."""
    with pytest.raises(ValueError, match="is no trace id") as caught:
        trace_id_from_xray("x" * 10_000)

    assert len(str(caught.value)) < 100


@given(st.binary(min_size=TRACE_ID_BYTES, max_size=TRACE_ID_BYTES))
def test_written_trace_id_reads_as_itself(trace_id: bytes) -> None:
    """In both spellings."""
    assert trace_id_from_xray(trace_id_to_xray(trace_id)) == trace_id
    assert trace_id_from_xray(trace_id.hex()) == trace_id
