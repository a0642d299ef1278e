"""Clocks that go wrong, as far as calls prove it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from taskscope.model.span import Span, SpanKind
from taskscope.query.trace.skew import clock_shifts
from taskscope.query.trace.tree import link
from tests.unit.query.trace.any_trace import any_trace
from tests.unit.query.trace.documents import MS, segment, sent, span


def _shifts(*spans: Span) -> dict[int, float]:
    """Return the shift of each span in milliseconds, by the number of its id."""
    tree = link(spans)
    return {each.span_id[-1]: shift / MS for each, shift in zip(tree.spans, clock_shifts(tree), strict=True)}


def _call(start: float, took: float) -> tuple[Span, ...]:
    """Return a request of 100 ms whose call, from 10 to 90, is answered by a span of these times."""
    return (
        span(1, kind=SpanKind.SERVER, took=100),
        span(2, 1, kind=SpanKind.CLIENT, start=10, took=80),
        span(3, 2, kind=SpanKind.SERVER, service="api", start=start, took=took),
        span(4, 3, service="api", start=start + 1, took=1),
    )


def test_callee_that_began_before_its_call_is_put_in_the_middle_of_it() -> None:
    """With all other spans of its machine."""
    assert _shifts(*_call(-500, 60)) == {1: 0, 2: 0, 3: 520, 4: 520}


def test_callee_that_began_after_the_answer_is_put_in_the_middle_too() -> None:
    """A caller that had an answer cannot have been served later."""
    assert _shifts(*_call(1_000, 60))[3] == 20 - 1_000


def test_callee_within_its_call_is_left_alone() -> None:
    """Nothing says that anything is wrong."""
    assert _shifts(*_call(11, 79)) == {1: 0, 2: 0, 3: 0, 4: 0}


def test_callee_that_goes_on_after_its_call_is_left_alone() -> None:
    """It may have answered before it had finished."""
    assert _shifts(*_call(20, 500))[3] == 0


def test_callee_longer_than_its_call_begins_with_it() -> None:
    """It fits nowhere, so it is moved no further than it has to be."""
    assert _shifts(*_call(0, 500))[3] == 10


def test_call_that_failed_may_be_answered_later() -> None:
    """The caller gave up; the callee had it in a queue."""
    server, client, *callee = _call(1_000, 60)
    assert _shifts(server, client._replace(status=2), *callee)[3] == 0


def test_consumer_may_be_late_or_wait_but_not_be_done_early() -> None:
    """A message lies in its queue for any time, and nobody is done with it before it is sent."""
    sender = span(1, kind=SpanKind.PRODUCER, took=1)
    assert _shifts(sender, span(2, 1, kind=SpanKind.CONSUMER, service="worker", start=9_000))[2] == 0
    assert _shifts(sender, span(2, 1, kind=SpanKind.CONSUMER, service="worker", start=-5, took=9))[2] == 0
    assert _shifts(sender, span(2, 1, kind=SpanKind.CONSUMER, service="worker", start=-50, took=9))[2] == 50


def test_function_that_an_event_starts_may_be_late() -> None:
    """AWS takes an event and answers at once: ``Invoke`` of type Event, a message, an object."""
    call = segment("lambda", 2, 0.1, 0.2, namespace="aws")
    function = segment("fn", 3, 5, 6, origin="AWS::Lambda", parent_id=f"{2:016x}")
    assert set(_shifts(*sent(segment("web", 1, 0, 1, subsegments=[call])), *sent(function)).values()) == {0}


def test_initialization_of_a_function_may_begin_before_its_parent() -> None:
    """Its sandbox was made before the invocation; both are of one machine."""
    early = segment("Initialization", 3, -0.5, -0.1)
    function = segment("fn", 2, 0, 1, origin="AWS::Lambda::Function", parent_id=f"{1:016x}", subsegments=[early])
    assert set(_shifts(*sent(segment("fn", 1, 0, 1, origin="AWS::Lambda")), *sent(function)).values()) == {0}


def test_shift_is_handed_on_to_what_a_shifted_service_calls() -> None:
    """A callee is compared with its caller as that is shown."""
    deeper = (
        span(5, 4, kind=SpanKind.CLIENT, service="api", start=-480, took=20),
        span(6, 5, kind=SpanKind.SERVER, service="stock", start=45, took=10),
    )
    shifts = _shifts(*_call(-500, 60), *deeper)
    assert (shifts[5], shifts[6]) == (520, 0)


def test_machines_of_one_service_have_clocks_of_their_own() -> None:
    """One task may be right and another wrong."""
    calls = [span(10 + number, 1, kind=SpanKind.CLIENT, start=10, took=80) for number in (1, 2)]
    right = span(3, 11, kind=SpanKind.SERVER, service="api", host="one", start=20, took=60)
    wrong = span(4, 12, kind=SpanKind.SERVER, service="api", host="two", start=-30, took=60)
    shifts = _shifts(span(1, kind=SpanKind.SERVER, took=100), *calls, right, wrong)
    assert (shifts[3], shifts[4]) == (0, 50)


@settings(max_examples=40, deadline=None)
@given(true_shift=st.integers(-10_000, 10_000), start=st.integers(10, 90), took=st.integers(0, 80))
def test_what_lay_within_its_call_lies_there_again(true_shift: int, start: int, took: int) -> None:
    """However wrong the clock was; as long as the mistake shows."""
    took = min(took, 90 - start)
    shown = start + true_shift
    shifted = shown + _shifts(*_call(shown, took))[3]
    is_proven = shown < 10 or shown > 90
    assert (shifted >= 10 and shifted + took <= 90) if is_proven else shifted == shown


@settings(max_examples=40, deadline=None)
@given(spans=any_trace())
def test_spans_of_one_machine_and_service_are_shifted_alike(spans: list[Span]) -> None:
    """A clock is wrong for all of them."""
    tree = link(spans)
    shifts: dict[object, set[int]] = {}
    for node, resource, shift in zip(tree.nodes, tree.resources, clock_shifts(tree), strict=True):
        shifts.setdefault((node, resource.attributes.get("host.name")), set()).add(shift)
    assert all(len(each) == 1 for each in shifts.values())


@settings(max_examples=40, deadline=None)
@given(spans=any_trace())
def test_trace_of_one_machine_is_left_alone(spans: list[Span]) -> None:
    """Whatever its spans say of one another."""
    tree = link(each._replace(resource=spans[0].resource) for each in spans)
    assert set(clock_shifts(tree)) == {0}
