"""When the workshop's task has ended: exactly what was sent has been kept."""

from datetime import datetime

import pytest

from tests.e2e.workshop.story import Workshop

pytestmark = pytest.mark.timeout(300)


def test_every_trace_that_was_sent_is_found(ended: Workshop) -> None:
    """No more and no less, each with both spans' outcome: the calls that failed are faults."""
    sent = ended.sent_traces()
    listed = ended.document("taskscope", "traces", "--limit", "10000")
    faults = ended.document("taskscope", "traces", "--limit", "10000", "fault = true")

    assert len(sent) >= 10
    assert {each["trace_id"] for each in listed} == set(sent)
    assert {each["trace_id"] for each in faults} == {trace for trace, status in sent.items() if status == 404}


def test_the_map_has_the_call_and_as_many_of_them(ended: Workshop) -> None:
    """The app calls the web server, once for each trace; every tenth is an error."""
    drawn = ended.document("taskscope", "map")
    sent = ended.sent_traces()
    [edge] = [each for each in drawn["edges"] if each["target"]["name"] == "web"]

    assert edge["source"]["name"] == "aws-otel-emitter"
    assert edge["red"]["requests"] == len(sent)


def at(text: str) -> float:
    """Return the seconds of a time as commands print it."""
    return datetime.fromisoformat(text).timestamp()
