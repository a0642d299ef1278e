"""One datagram of StatsD lines: what its lines say, each judged alone."""

from typing import Final, NamedTuple

from taskscope.errors import MalformedPayloadError
from taskscope.model.log import LogRecord
from taskscope.model.resource import Resource
from taskscope.wire.statsd.notice import is_notice, read_notice
from taskscope.wire.statsd.sample import Sample, read_samples

_SHOWN: Final = 200
"""Bytes of a bad line that are kept."""


class BadLine(NamedTuple):
    """A line that does not read as StatsD, perhaps cut, and why."""

    line: bytes
    reason: str

    @classmethod
    def of(cls, line: bytes, error: MalformedPayloadError) -> "BadLine":
        """Keep the beginning of a line and what was wrong with it."""
        return cls(line[:_SHOWN], error.message)


class Decoded(NamedTuple):
    """What a datagram says."""

    samples: list[Sample]
    logs: list[LogRecord]
    bad_lines: list[BadLine]


def decode(datagram: bytes, *, received_ns: int, resource: Resource) -> Decoded:
    """
    Read the lines of one datagram, in their order; empty lines are nothing.

    A bad line is reported and costs no other line. The plain way: ``pipeline.aggregate`` has a faster one for lines
    whose name, type, rate and tags it has met before, and comes here with the others.
    """
    decoded = Decoded([], [], [])
    for line in datagram.split(b"\n"):
        if not line.rstrip(b"\r"):
            continue
        try:
            if is_notice(line):
                decoded.logs.append(read_notice(line, received_ns=received_ns, resource=resource))
            else:
                decoded.samples.extend(read_samples(line))
        except MalformedPayloadError as error:
            decoded.bad_lines.append(BadLine.of(line, error))
    return decoded
