"""Datagrams of StatsD, as real clients send them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.model.resource import Resource
from taskscope.wire.statsd.decode import BadLine, Decoded, decode
from taskscope.wire.statsd.sample import Kind, Sample, Series

FIXTURES = Path(__file__).parents[3] / "fixtures" / "statsd"
SENDER = Resource()
SHOP = (("env", "demo"), ("service", "shop-web"))


def _decode(datagram: bytes) -> Decoded:
    return decode(datagram, received_ns=7, resource=SENDER)


def _captured(name: str) -> Decoded:
    return _decode((FIXTURES / f"{name}.bin").read_bytes())


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.bin")), ids=lambda path: path.stem)
def test_every_line_of_a_real_client_is_read(path: Path) -> None:
    """One sample or one record for each line, none bad."""
    datagram = path.read_bytes()

    decoded = _decode(datagram)

    assert decoded.bad_lines == []
    assert len(decoded.samples) + len(decoded.logs) == len(datagram.splitlines())


def test_plain_client_sends_what_it_was_told() -> None:
    """The pipeline of the statsd package: three lines in one datagram."""
    assert _captured("statsd_plain_14").samples == [
        Sample(Series("shop.a", Kind.COUNTER), 1.0),
        Sample(Series("shop.b", Kind.GAUGE), 1.5),
        Sample(Series("shop.c", Kind.TIMING), 3.0),
    ]
    assert _captured("statsd_plain_04").samples == [Sample(Series("shop.depth", Kind.GAUGE), -5.0, signed=True)]
    assert _captured("statsd_plain_12").samples[0].weight == pytest.approx(10)


def test_datadog_client_sends_what_it_was_told() -> None:
    """Eleven lines of one buffer: tags with and without value, rates, an event and a check."""
    samples, logs, _ = _captured("dogstatsd_buffered_01")

    assert samples[0] == Sample(
        Series("shop.orders", Kind.COUNTER, (("canary", ""), *SHOP[:1], ("route", "/order"), *SHOP[1:])), 1.0
    )
    assert [sample.weight for sample in samples[2:5]] == [2, 2, 2]
    assert [sample.series.kind for sample in samples[5:]] == [Kind.HISTOGRAM, Kind.DISTRIBUTION, Kind.TIMING, Kind.SET]
    assert [(record.event_name, record.body) for record in logs] == [
        ("dogstatsd.event", "line one\nline two"),
        ("dogstatsd.service_check", "up"),
    ]
    assert _captured("dogstatsd_12").samples[0].time_ns == 1_763_600_000_000_000_000


def test_bad_line_costs_no_other() -> None:
    """It is reported with its reason, cut to 200 bytes."""
    decoded = _decode(b"a:1|c\r\n\n\r\nrubbish" + b"!" * 300 + b"\nb:2|g\n")

    assert [sample.series.name for sample in decoded.samples] == ["a", "b"]
    [bad] = decoded.bad_lines
    assert bad == BadLine(b"rubbish" + b"!" * 193, "no name:value|type with a type of c, g, ms, h, d or s")


@given(st.binary(max_size=300))
def test_rubbish_is_bad_lines(datagram: bytes) -> None:
    """Whatever comes, each line is something or bad."""
    decoded = _decode(datagram)

    lines = [line for line in datagram.split(b"\n") if line.rstrip(b"\r")]
    assert len(decoded.samples) + len(decoded.logs) + len(decoded.bad_lines) >= len(lines)
