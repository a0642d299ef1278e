"""What texts name: traces in both spellings, Lambda requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.model.ids import trace_id_to_xray
from taskscope.query.logs.mentions import mentions, request_ids

ID = "5759e988bd862e3fe1be46a994272793"
REQUEST = "8f5b1c52-7d51-4b6e-9d3c-0a1b2c3d4e5f"


@pytest.mark.parametrize(
    "text",
    [
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=00f067aa0ba902b7;Sampled=1",
        "REPORT RequestId: x\tXRAY TraceId: 1-5759e988-bd862e3fe1be46a994272793\tSegmentId: 1",
        '{"traceId":"1-5759E988-BD862E3FE1BE46A994272793"}',
        "(1-5759e988-bd862e3fe1be46a994272793)",
    ],
)
def test_ids_as_xray_writes_them(text: str) -> None:
    """Wherever they stand, in either case."""
    assert mentions([text]).traces == [ID]


@pytest.mark.parametrize("text", [ID, f"trace_id={ID} ", f"00-{ID}-00f067aa0ba902b7-01", f'"{ID.upper()}"'])
def test_ids_of_32_digits(text: str) -> None:
    """As OpenTelemetry writes them, also within a traceparent."""
    assert mentions([text]).digits == [ID]


@pytest.mark.parametrize(
    "text", [f"{ID}0", f"x{ID}", f"21-{ID[:8]}-{ID[8:]}", f"1-{ID[:8]}-{ID[8:]}0", f"1-{ID[:7]}-{ID[8:]}", ""]
)
def test_parts_of_longer_words_are_no_ids(text: str) -> None:
    """A hash of 40 digits holds none."""
    assert mentions([text]) == ([], [], [])


@given(st.lists(st.binary(min_size=16, max_size=16), max_size=5), st.sampled_from([" ", "\n", ",", "=", '"']))
def test_every_id_is_found_once_in_order(ids: list[bytes], between: str) -> None:
    """In both spellings."""
    expected = list(dict.fromkeys(each.hex() for each in ids))
    assert mentions([between.join(map(trace_id_to_xray, ids))]).traces == expected
    assert mentions([between.join(each.hex() for each in ids)]).digits == expected


def test_requests_of_spans_and_lines() -> None:
    """Lambda's are UUIDs; ids of other services are left alone."""
    assert mentions([f"START RequestId: {REQUEST} Version: 1"]).requests == [REQUEST]
    assert request_ids({"faas.invocation_id": REQUEST, "aws.request_id": REQUEST}) == [REQUEST]
    assert request_ids({"aws.request_id": "UV93NTQ6ONVB6TQ7KVT9CFLPAVVV4KQNSO5AEMVJF66Q9ASUAAJG"}) == []
