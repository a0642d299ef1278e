"""Ways from a trace's root to where it failed, or where its time went."""

from collections.abc import Sequence
from typing import Any, Final

import pytest

from taskscope.model.span import Span
from taskscope.query.rules.cause import Cause
from taskscope.query.search.ast import Part
from taskscope.query.search.trace_facts import TraceFacts
from taskscope.query.trace.root_causes import RootCauses
from tests.unit.query.trace.documents import segment, sent

_DOWN: Final = {"response": {"status": 503}}
_SLOWED: Final = {"request": {"url": "https://bank.example.net/"}, "response": {"status": 429}}


def _shop(*, bank: bool = False, is_caught: bool = False, orders: bool = True) -> list[Span]:
    """Return a request to a shop, which asks a table, which is throttled, and pay; and pay a bank, which is down."""
    caught = {} if is_caught else {"fault": True}
    charge: dict[str, Any] = {"namespace": "remote", "fault": True, "http": _DOWN}
    table = {"namespace": "aws", "aws": {"operation": "PutItem", "table_name": "orders"}, "http": _SLOWED}
    inside = [segment("DynamoDB", 3, 0.1, 0.2, error=True, throttle=True, **table)] if orders else []
    pay = segment("pay", 4, 0.25, 0.9, namespace="remote", **caught)
    web = segment("web", 1, 0, 1, origin="AWS::ECS::Fargate", **caught)
    web["subsegments"] = [segment("## checkout", 2, 0.05, 0.95, subsegments=[*inside, pay])]
    answer = segment("pay", 5, 0.3, 0.85, parent_id=f"{4:016x}", fault=True)
    answer["subsegments"] = [segment("bank.example.net", 6, 0.4, 0.8, **charge)] if bank else []
    return [*sent(web), *sent(answer)]


def _ways(spans: Sequence[Span], cause: Cause) -> list[tuple[bool, list[str]]]:
    return [
        (
            each.reaches_client,
            [
                f"{service.node.name}{'?' * service.is_inferred}: "
                + ", ".join(entity.name + ">" * entity.is_remote for entity in service.entities)
                for service in each.services
            ],
        )
        for each in RootCauses(spans).of(cause)
    ]


_WEB: Final = "web: web, ## checkout, pay>"


@pytest.mark.parametrize(
    ("spans", "cause", "ways"),
    [
        (_shop(bank=True), Cause.FAULT, [
            (True, [_WEB, "pay: pay, bank.example.net>", "bank.example.net?: bank.example.net"]),
        ]),
        (_shop(), Cause.FAULT, [(True, [_WEB, "pay: pay"])]),
        (_shop(is_caught=True), Cause.FAULT, [(False, [_WEB, "pay: pay"])]),
        (_shop(), Cause.ERROR, [(False, ["web: web, ## checkout, DynamoDB>", "orders?: orders"])]),
        (_shop(orders=False), Cause.ERROR, []),
        (_shop(bank=True), Cause.RESPONSE_TIME, [(True, [_WEB, "pay: pay"])]),
    ],
    ids=["down to the bank", "down to pay", "caught on the way", "of an error", "none", "half of the time"],
)  # fmt: skip
def test_a_way_leads_from_the_root_to_the_last_cause(
    spans: Sequence[Span], cause: Cause, ways: Sequence[tuple[bool, list[str]]]
) -> None:
    """Through all that is between; what is called without an answer ends it."""
    assert _ways(spans, cause) == ways


@pytest.mark.parametrize("cause", list(Cause))
def test_the_end_of_a_way_is_of_the_spans_that_filters_ask(cause: Cause) -> None:
    """Their list and these ways have one definition."""
    spans = _shop(bank=True)
    listed = [each.span.name for each in TraceFacts(spans).root_causes(cause, Part.ENTITY)]

    for way in RootCauses(spans).of(cause):
        assert [each for each in way.services if not each.is_inferred][-1].entities[-1].name in listed


def test_entities_tell_their_share_of_the_time() -> None:
    """Of the root's."""
    [way] = RootCauses(_shop()).of(Cause.RESPONSE_TIME)

    assert [round(each.coverage, 2) for service in way.services for each in service.entities] == [1, 0.9, 0.65, 0.55]


def test_a_trace_that_is_in_progress_has_no_causes_of_its_time() -> None:
    """How long it takes is not known."""
    begun = segment("web", 1, 0, 1)
    begun |= {"in_progress": True}
    del begun["end_time"]

    assert RootCauses(sent(begun)).of(Cause.RESPONSE_TIME) == ()


def test_of_many_causes_the_first_ten_are_told() -> None:
    """A batch may fail at thousands of places."""
    parts = [segment(f"part {number}", 2 + number, number / 100, 0.9, fault=True) for number in range(30)]
    found = _ways(sent(segment("batch", 1, 0, 1, subsegments=parts)), Cause.FAULT)

    assert [way for _, [way] in found] == [f"batch: batch, part {number}" for number in range(10)]
