"""Messages are cut out of the stream wherever reads end."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgpack import ExtType, Unpacker, packb, unpackb  # type: ignore[import-untyped]  # it ships no types

from taskscope.receivers.fluent.splitter import Message, Splitter

_FIXTURES = Path(__file__).parents[3] / "fixtures" / "fluent"
_LIMIT = 1 << 20
_SENT = sorted(path for path in _FIXTURES.glob("*.bin") if "reply" not in path.name and "sharedkey" not in path.name)

_scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.binary()
_values = st.recursive(
    _scalars | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
_records = st.dictionaries(st.text(max_size=8), _values, max_size=4)
_times = st.integers(0, 2**32) | st.just(ExtType(0, b"\0" * 8)) | st.none() | st.floats(0, 1e9)
_entries = st.lists(st.tuples(_times, _records), max_size=3)
_chunks = st.text(min_size=1) | st.binary(min_size=1)
_options = st.fixed_dictionaries({}, optional={"size": st.integers(0, 9), "chunk": _chunks, "compressed": st.text()})
_packed = _entries.map(lambda entries: b"".join(map(packb, entries)))
_messages = st.one_of(
    st.tuples(st.text(), _times, _records),
    st.tuples(st.text(), _times, _records, _options),
    st.tuples(st.text(), _entries | _packed),
    st.tuples(st.text(), _entries | _packed, _options | st.none()),
)


def _ack(message: Any) -> Any:
    """Say what the sender of a message waits for, by the plain way: decode all of it."""
    packed = isinstance(message[1], list | bytes | str)
    position = 2 if packed else 3
    option = message[position] if len(message) > position else None
    return {"ack": option["chunk"]} if option and "chunk" in option else None


@given(st.lists(_messages | st.none(), max_size=5), st.data())
def test_any_stream_is_split_as_it_was_made_whatever_the_reads(sent: list[Any], data: st.DataObject) -> None:
    """The bytes of each message, its acknowledgement with the chunk's own type, and no heartbeat."""
    stream = b"".join(map(packb, sent))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=8)))
    splitter = Splitter(_LIMIT)

    got: list[Message] = []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        got += splitter.feed(stream[begin:end])

    messages = [each for each in sent if each is not None]
    assert [each.body for each in got] == [packb(each) for each in messages]
    assert [unpackb(each.ack) if each.ack else None for each in got] == [_ack(each) for each in messages]
    assert (splitter.fault, splitter.held_bytes) == (None, 0)


@given(st.binary(max_size=200))
def test_no_bytes_break_it(junk: bytes) -> None:
    """Anything is messages, the beginning of one, or a fault; what was whole before a fault is given."""
    splitter = Splitter(_LIMIT)

    got = splitter.feed(packb(["t", 1, {}]) + junk)

    assert got[0] == Message(packb(["t", 1, {}]), None)
    assert splitter.held_bytes <= len(junk)
    if splitter.fault:
        assert splitter.feed(packb(["t", 1, {}])) == []


@pytest.mark.parametrize("path", _SENT, ids=lambda path: path.stem)
def test_recorded_streams_are_split(path: Path) -> None:
    """All modes of real clients, byte by byte and at once."""
    stream = path.read_bytes()
    whole, bytewise = Splitter(_LIMIT), Splitter(_LIMIT)

    at_once = whole.feed(stream)
    one_by_one = [message for each in stream for message in bytewise.feed(bytes([each]))]

    reading = Unpacker(raw=True)
    reading.feed(stream)
    assert len(at_once) == len(list(reading))
    assert at_once == one_by_one
    assert b"".join(each.body for each in at_once) == stream
    assert all((each.ack is not None) == ("_ack" in path.stem) for each in at_once)


def test_recorded_acknowledgement_is_given_back() -> None:
    """What the recorded server answered is what this one would."""
    [message] = Splitter(_LIMIT).feed((_FIXTURES / "node_PackedForward_ack.bin").read_bytes())

    assert message.ack == (_FIXTURES / "node_PackedForward_ack.reply.bin").read_bytes()


@pytest.mark.parametrize(
    ("stream", "fault"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "no message"),
        (b'["tag",1,{}]', "no message"),
        (b"\x16\x03\x01\x02\x00", "no message"),
        (b"\xc1", "no message"),
        (packb(["t"]), "an array of 1"),
        (packb(["t", 1, {}, {}, 5]), "an array of 5"),
        (b"\xdd\xff\xff\xff\xff", "an array of 4294967295"),
        (packb([7, 1, {}]), "its tag is no string"),
        (packb(["t", [], "option"]), "no message"),
        (b"\x93\xa1t\x01" + b"\x91" * 2000, "no message"),
        (b"\x92\xa1t\xc6\xff\xff\xff\xff" + b"x" * _LIMIT, "larger than"),
        (b"\x92\xa1t\xdd\xff\xff\xff\xff" + b"\xc0" * _LIMIT, "larger than"),
        (packb(["t", b"x" * _LIMIT]), "more than"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:12]),
)
def test_faults_are_said_and_hold_nothing(stream: bytes, fault: str) -> None:
    """Another protocol, other shapes, nesting without end, lengths that lie: said, and forgotten."""
    splitter = Splitter(_LIMIT)

    got = splitter.feed(packb(["t", 1, {"before": "it"}]) + stream)

    assert len(got) == 1
    assert fault in str(splitter.fault)
    assert splitter.held_bytes == 0


def test_largest_message_is_taken_in_pieces() -> None:
    """The limit is that of one message, not of a read."""
    body = packb(["t", b"x" * (_LIMIT - 20)])
    splitter = Splitter(_LIMIT)

    got = [message for begin in range(0, len(body), 65536) for message in splitter.feed(body[begin : begin + 65536])]

    assert [each.body for each in got] == [body]
