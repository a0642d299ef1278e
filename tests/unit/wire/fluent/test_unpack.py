"""Forward messages as tag and entries."""

import msgpack  # type: ignore[import-untyped]  # it brings no types
import pytest

from taskscope.errors import MalformedPayloadError
from taskscope.wire.fluent.unpack import Entry, Message, Unpack, text, unpack, unpack_plainly

SECOND = 10**9


@pytest.mark.parametrize("unpacker", [unpack, unpack_plainly])
def test_each_mode_gives_tag_and_entries(unpacker: Unpack) -> None:
    """The quick reader and the plain one."""
    packed = msgpack.packb([1, {"k": 1}]) + msgpack.packb([[2, {"m": 1}], {"k": 2}])
    both = [Entry(SECOND, {"k": 1}), Entry(2 * SECOND, {"k": 2}, {"m": 1})]
    for form, entries in (
        (["t", 1, {"k": 1}], both[:1]),
        ([b"t", [[1, {"k": 1}], [[2, {"m": 1}], {"k": 2}]]], both),
        (["t", packed, {"size": 2}], both),
    ):
        assert _plain(unpacker(msgpack.packb(form), 1000)) == Message("t", entries)


def _plain(message: Message) -> Message:
    """Make texts of the bytes that the plain reader leaves."""
    return Message(
        message.tag,
        [
            Entry(
                time_ns,
                {text(key): value for key, value in record.items()},
                metadata and {text(key): value for key, value in metadata.items()},
            )
            for time_ns, record, metadata in message.entries
        ],
    )


def test_sizes_that_lie_cost_no_memory() -> None:
    """An array's header may claim four thousand million values; a chunk may claim so in its option."""
    for message in (b"\xdd\xff\xff\xff\xff" * 100, msgpack.packb(["t", b"\xdd\xff\xff\xff\xff", {"size": 2**32 - 1}])):
        with pytest.raises(MalformedPayloadError):
            unpack(message)
