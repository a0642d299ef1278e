"""Forward messages, as real clients send them and as nobody should."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]  # it brings no types
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.model.log import LogRecord
from taskscope.wire.fluent.decode import decode
from taskscope.wire.fluent.unpack import Unpack, unpack, unpack_plainly

FIXTURES = Path(__file__).parents[3] / "fixtures" / "fluent"
NOW = 1_795_000_000_000_000_000
_UID = "log.record.uid"


def _messages(name: str) -> Iterator[bytes]:
    """Yield the messages of a captured connection, without its handshake."""
    content = (FIXTURES / f"{name}.bin").read_bytes()
    unpacker = msgpack.Unpacker(raw=True, strict_map_key=False)
    unpacker.feed(content)
    start = 0
    for value in unpacker:
        if value[0] != b"PING":
            yield content[start : unpacker.tell()]
        start = unpacker.tell()


def _records(name: str) -> list[LogRecord]:
    return [record for message in _messages(name) for record in _decoded(message)]


def _decoded(message: bytes, unpacker: Unpack = unpack) -> list[LogRecord]:
    """Return the records of a message without their numbers, which say in which place of it they came."""
    return [
        each._replace(attributes={name: each.attributes[name] for name in each.attributes if name != _UID})
        for each in decode(message, received_ns=NOW, unpacker=unpacker)
    ]


def _event_time(seconds: int, nanoseconds: int) -> msgpack.ExtType:
    return msgpack.ExtType(0, seconds.to_bytes(4, "big") + nanoseconds.to_bytes(4, "big"))


def _one(record: Any, tag: str = "app", time: Any = 1_795_150_000) -> LogRecord:
    [found] = _decoded(msgpack.packb([tag, time, record]))
    return found


def test_records_of_whole_seconds_are_numbered_in_their_order() -> None:
    """Docker's log driver tells no more: without numbers the lines of a second would be in any order."""
    entries = [[1_795_150_000, {"log": f"line {at}"}] for at in range(3)]
    fine = [[_event_time(1_795_150_000, 5), {"log": "fine"}]]

    first = decode(msgpack.packb(["t", entries]), received_ns=NOW)
    later = decode(msgpack.packb(["t", entries]), received_ns=NOW + 1_000)
    [exact] = decode(msgpack.packb(["t", fine]), received_ns=NOW)

    numbers = [int(str(each.attributes[_UID])) for each in (*first, *later)]
    assert numbers == sorted(set(numbers))
    assert _UID not in exact.attributes


CAPTURES = sorted(path.stem for path in FIXTURES.glob("*.bin") if not path.stem.endswith(".reply"))


@pytest.mark.parametrize("name", CAPTURES)
def test_every_message_of_a_real_client_is_read_alike_by_both_readers(name: str) -> None:
    """The quick one and the plain one."""
    for message in _messages(name):
        records = decode(message, received_ns=NOW)
        assert records
        assert decode(message, received_ns=NOW, unpacker=unpack_plainly) == records


@pytest.mark.parametrize(
    "name",
    [
        "node_Message",
        "node_Forward",
        "node_PackedForward",
        "node_CompressedPackedForward",
        "node_PackedForward_ack",
        "node_Forward_ack_sharedkey",
    ],
)
def test_all_modes_bring_the_same_four_records(name: str) -> None:
    """The fourth is a JSON object in ``log``."""
    records = _records(name)

    assert [record.body for record in records] == ["order 0 taken", "order 1 taken", "order 2 taken", "card declined"]
    assert records[1] == LogRecord(
        time_ns=0x6AFFD0B1 * 10**9 + 0x0EE6B280,
        body="order 1 taken",
        attributes={"log.iostream": "stdout", "fluent.tag": "app-firelens.stdout"},
        resource=records[0].resource,
        observed_ns=NOW,
    )
    assert records[3].attributes == {"log.iostream": "stderr", "order": 3, "fluent.tag": "app-firelens.stdout"}
    assert (records[3].severity_number, records[3].severity_text) == (17, "error")
    assert records[0].resource.attributes["aws.ecs.cluster.arn"] == "arn:aws:ecs:us-east-1:123456789012:cluster/demo"
    assert records[0].resource.attributes["service.name"] == "app"


def test_python_client_sends_structured_records() -> None:
    """Seconds or EventTime; the level is the severity, a record without a message is its own body."""
    access, error = _records("python_Message_eventtime")

    assert access.time_ns == 0x6AFFD573 * 10**9 + 0x3547E01C
    assert access.body == {"path": "/order/1", "status": 200, "ms": 12.5, "user": None, "tags": ["a", "b"], "ok": True}
    assert access.attributes == {**access.body, "fluent.tag": "shop.py.access"}
    assert (error.body, error.severity_number, error.time_ns) == ("card declined ☃", 17, 1_795_150_000 * 10**9)


def test_fluent_bit_sends_metadata_with_the_time() -> None:
    """What is in it is kept."""
    first, second = _records("synthetic_Forward_metadata")

    assert first.attributes == {"log.iostream": "stdout", "fluent.tag": "app.stdout", "fluent.metadata": {"k": "v"}}
    assert (first.time_ns % 10**9, second.time_ns % 10**9) == (5, 6)
    assert "fluent.metadata" not in second.attributes


def test_old_and_odd_packings_are_read() -> None:
    """Entries in a str, and two gzip members in one chunk."""
    expected = ["order 0 taken", "order 1 taken", "order 2 taken"]
    assert [record.body for record in _records("synthetic_PackedForward_str16_seconds")] == expected
    assert [record.body for record in _records("synthetic_CompressedPackedForward_two_members")] == expected


def test_json_in_log_gives_message_level_time_trace_and_attributes() -> None:
    """Typed as they are; what FireLens says of the container is not overwritten by the application."""
    line = {
        "level": "warn",
        "msg": "slow",
        "ts": "2026-11-20T10:00:00.5Z",
        "trace_id": "Root=1-5759e988-bd862e3fe1be46a994272793",
        "spanId": "53995c3f42cd8ad8",
        "ms": 12.5,
        "cart": {"items": [1, None]},
        "container_name": "mine",
    }
    record = _one({"log": json.dumps(line), "container_name": "web", "source": "stdout"})

    assert (record.body, record.severity_number, record.severity_text) == ("slow", 13, "warn")
    assert record.time_ns == 1_795_168_800_500_000_000
    assert record.trace_id.hex() == "5759e988bd862e3fe1be46a994272793"
    assert record.span_id.hex() == "53995c3f42cd8ad8"
    assert record.attributes == {
        "log.iostream": "stdout",
        "ms": 12.5,
        "cart": {"items": [1, None]},
        "container_name": "mine",
        "fluent.tag": "app",
    }
    assert record.resource.attributes == {"container.name": "web", "service.name": "web"}


def test_json_without_a_message_stays_whole_as_the_body() -> None:
    """Its members are attributes nevertheless."""
    record = _one({"log": '{"order":3}'})

    assert (record.body, record.attributes) == ('{"order":3}', {"order": 3, "fluent.tag": "app"})


@pytest.mark.parametrize("line", ["", "{", "{not json}", "[1]", "plain", '{"a":' * 40 + "1" + "}" * 40, '{"a":1} tail'])
def test_line_that_is_no_json_object_is_the_body(line: str) -> None:
    """Fields beside it are read all the same, but for a message."""
    record = _one({"log": line, "level": "info", "message": "other"})

    assert (record.body, record.severity_number) == (line, 9)
    assert record.attributes == {"message": "other", "fluent.tag": "app"}


@pytest.mark.parametrize("time", [0, None, -5, 2**62, 1e300, 0.0, float("nan"), float("-inf")])
def test_time_that_says_nothing_is_the_time_of_arrival(time: Any) -> None:
    """Nil, zero, before 1970, or milliseconds taken for seconds."""
    assert _one({"log": "x"}, time=time).time_ns == NOW


def test_times_in_other_forms_are_read() -> None:
    """A float of old senders, and MessagePack's own timestamp."""
    assert _one({}, time=1_795_150_000.25).time_ns == 1_795_150_000_250_000_000
    stamp = msgpack.Timestamp(1_795_150_000, 250_000_000)
    assert _one({"at": stamp}, time=stamp).time_ns == 1_795_150_000_250_000_000
    assert _one({"at": stamp}).attributes["at"] == "2026-11-20T04:46:40.250000+00:00"


def test_texts_in_bin_and_broken_utf8_are_texts() -> None:
    """Fluent Bit may send bin; what is no UTF-8 is replaced."""
    packed = b"\x93\xa3app\x01\x82\xc4\x03log\xc4\x02hi\xa1\xff\xa2a\xfe"

    [record] = _decoded(packed)

    assert (record.body, record.attributes) == ("hi", {"�": "a�", "fluent.tag": "app"})


def test_nothing_is_no_record() -> None:
    """A heartbeat, an empty chunk, nil for a record or an entry."""
    for message in (None, ["t", []], ["t", b""], ["t", 1, None], ["t", [None, [1, None]]]):
        assert decode(msgpack.packb(message), received_ns=NOW) == []


def test_wrong_size_does_not_matter() -> None:
    """The stream itself says how many entries there are."""
    packed = b"".join(msgpack.packb([1, {"log": str(number)}]) for number in range(3))
    for size in (3, 0, 2, 4, 2**40, -1, "3", None, True):
        records = decode(msgpack.packb(["t", packed, {"size": size}]), received_ns=NOW)
        assert [record.body for record in records] == ["0", "1", "2"]


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xc1",
        b"\x93\xa1t\x01",
        msgpack.packb(7),
        msgpack.packb([]),
        msgpack.packb(["t"]),
        msgpack.packb([1, 2, {}]),
        msgpack.packb(["t", 1, "no map"]),
        msgpack.packb(["t", "noon", {}]),
        msgpack.packb(["t", msgpack.ExtType(1, b"12345678"), {}]),
        msgpack.packb(["t", msgpack.ExtType(0, b"1234"), {}]),
        msgpack.packb(["t", [[1]]]),
        msgpack.packb(["t", [[[], {}]]]),
        msgpack.packb(["t", [7]]),
        msgpack.packb(["t", b"\x92\x01"]),
        msgpack.packb(["t", b"rubbish", {"compressed": "gzip"}]),
        msgpack.packb(["t", gzip.compress(b"\x92\x01", mtime=0)[:-3], {"compressed": "gzip"}]),
        msgpack.packb(["t", b"", {"compressed": "lz4"}]),
        msgpack.packb(["t", 1, {}]) + b"\x01",
        b"\x93\xa1t\x01\x81\x91\x01\x02",
        b"\x93\xa1t\x01\x81\xa1a" + b"\x91" * 40 + b"\x01",
        b"\x93\xa1t\x01\x81\xa1a" + b"\x91" * 100_000,
        b"\x92\xa1t\xdd\xff\xff\xff\xff",
        msgpack.packb(["t", b"\xdd\x7f\xff\xff\xff" * 2000, {"size": 5}]),
        msgpack.packb(["PING", "host", b"salt", "digest", "", ""]),
    ],
)
def test_anything_else_is_malformed(message: bytes) -> None:
    """Cut, of wrong types, too deep, with a size that nobody could send, or of a handshake."""
    for unpacker in ({}, {"unpacker": unpack_plainly}):
        with pytest.raises(MalformedPayloadError):
            decode(message, received_ns=NOW, **unpacker)  # type: ignore[arg-type]  # an option or none


def test_decompressed_entries_are_bounded() -> None:
    """By a limit that the caller sets."""
    entry = msgpack.packb([1, {"log": "x" * 1000}])
    message = msgpack.packb(["t", gzip.compress(entry * 100), {"compressed": "gzip"}])

    assert len(decode(message, received_ns=NOW, limit_bytes=len(entry) * 100)) == 100
    with pytest.raises(MalformedPayloadError, match="larger than"):
        decode(message, received_ns=NOW, limit_bytes=len(entry) * 100 - 1)


_texts = st.text(max_size=12)
_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | _texts
    | st.binary(max_size=6)
)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3), max_leaves=6
)
_keys = _texts | st.sampled_from(["log", "level", "message", "container_name", "ecs_task_arn", "source", "trace_id"])
_times = st.integers(0, 2**32 - 1) | st.builds(_event_time, st.integers(0, 2**32 - 1), st.integers(0, 999_999_999))
_entries = st.lists(st.tuples(_times, st.dictionaries(_keys, _values, max_size=5)), min_size=1, max_size=5)


def _forms(entries: list[tuple[Any, dict[str, Any]]]) -> Iterator[Any]:
    packed = b"".join(msgpack.packb(entry) for entry in entries)
    size = {"size": len(entries)}
    yield ["t", entries]
    yield ["t", entries, size]
    yield ["t", [[[time, {}], record] for time, record in entries]]
    yield ["t", packed]
    yield ["t", packed, size]
    yield ["t", gzip.compress(packed, mtime=0), size | {"compressed": "gzip"}]
    yield ["t", zstandard.compress(packed), {"compressed": "zstd"}]


@given(_entries)
def test_every_mode_and_both_readers_give_equal_records(entries: list[tuple[Any, dict[str, Any]]]) -> None:
    """Also entry by entry in Message mode."""
    expected = [
        found for time, record in entries for found in _decoded(msgpack.packb(["t", time, record]), unpack_plainly)
    ]
    for form in _forms(entries):
        message = msgpack.packb(form)
        assert _decoded(message) == expected
        assert _decoded(message, unpack_plainly) == expected


@given(
    st.binary(max_size=60),
    st.sampled_from([b"", b"\x92\xa1t", b"\x93\xa1t\x01", b"\x92\xa1t\x91", b"\x92\xa1t\xc4\x20"]),
)
def test_rubbish_is_malformed_or_alike_for_both_readers(rubbish: bytes, start: bytes) -> None:
    """Nothing else is raised, and the quick reader takes nothing that the plain one refuses."""
    found = []
    for unpacker in ({}, {"unpacker": unpack_plainly}):
        try:
            found.append(decode(start + rubbish, received_ns=NOW, **unpacker))  # type: ignore[arg-type]  # as above
        except MalformedPayloadError:
            found.append([])
    assert repr(found[0]) == repr(found[1])
