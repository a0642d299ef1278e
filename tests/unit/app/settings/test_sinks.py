"""Sinks by name."""

from contextlib import closing

import pytest

from taskscope.app.components import SINKS, TARGETS
from taskscope.app.settings.sinks import check_sinks, check_targets, make_sink, signals_of
from taskscope.errors import UsageError
from taskscope.model.batch import Signal


def test_every_sink_has_options() -> None:
    """By the same name."""
    assert [name for name, _ in TARGETS] == list(SINKS)


@pytest.mark.parametrize(
    ("to", "signals"),
    [
        ("xray,region=eu-west-1", {Signal.SPANS}),
        ("emf,region=eu-west-1", {Signal.METRICS}),
        ("cloudwatch-logs,region=eu-west-1,group=g", {Signal.LOGS}),
        ("otlp=http://127.0.0.1:1", {Signal.SPANS, Signal.LOGS, Signal.METRICS}),
    ],
)
def test_a_sink_is_made_of_what_was_asked_for(to: str, signals: set[Signal]) -> None:
    """It takes what its kind takes, and connects to nothing yet."""
    [target] = check_targets([to])
    assert signals_of(target) == signals
    with closing(make_sink(target)) as sink:
        assert sink.name


@pytest.mark.parametrize(
    ("to", "said"),
    [
        (["zipkin"], "zipkin"),
        (["xray,colour=red"], "colour"),
        (["otlp"], "otlp"),
        (["xray", "xray"], "two sinks are named xray"),
        ([""], "names no sink"),
    ],
)
def test_what_cannot_be_made_is_refused_with_its_name(to: list[str], said: str) -> None:
    """Before anything starts."""
    with pytest.raises(UsageError) as caught:
        check_sinks(to)
    assert said in caught.value.message


def test_two_sinks_of_one_kind_have_names_of_their_own() -> None:
    """Each has a cursor in the spool."""
    check_sinks(["otlp=http://a:1", "otlp=http://b:1,name=b"])
