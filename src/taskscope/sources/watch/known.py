"""What was given away of AWS's objects: what has not changed since is not given away again, after a restart either."""

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from taskscope.clock import SECOND
from taskscope.errors import MalformedPayloadError
from taskscope.sources.watch.outlet import Outlet, What, dump, mapping
from taskscope.wire.eventbridge.change import read_change
from taskscope.wire.eventbridge.polled import Envelope, plain

_LOG: Final = logging.getLogger(__name__)
_DAY: Final = 86_400 * SECOND


class Known:
    """A mark for each object of one section; it changes with the object."""

    def __init__(self, outlet: Outlet, section: str) -> None:
        self._outlet = outlet
        self._section = section
        self.marks: dict[str, Any] = mapping(outlet.remembered(section))

    def deliver(self, envelopes: Sequence[Envelope], marks: Mapping[str, Any], *, forget: Iterable[str] = ()) -> None:
        """
        Give envelopes away, and remember the marks with them.

        Raises:
            TaskscopeError: Not all of it was taken; what was not is new the next time as well.
        """
        forgotten = set(forget)
        after = {arn: mark for arn, mark in {**self.marks, **marks}.items() if arn not in forgotten}
        readable = [each for each in envelopes if _is_readable(each)]
        if not readable:
            self.marks = after
            return
        self._outlet.deliver(What.CHANGES, dump(readable), self._section, after)
        self.marks = after


def mark_of(document: Mapping[str, Any], now_ns: int) -> str:
    """
    Return what differs where documents differ, and once a day: what does not change must not fall to the retention.

    The time of day differs from object to object.
    """
    mark = hashlib.blake2b(dump(sorted_members(plain(document))), digest_size=8).hexdigest()
    return f"{mark}.{(now_ns + int(mark, 16) % _DAY) // _DAY}"


def sorted_members(value: Any) -> Any:
    """Put members of objects in order, so that equal documents are written alike."""
    if isinstance(value, dict):
        return {name: sorted_members(value[name]) for name in sorted(value)}
    return [sorted_members(each) for each in value] if isinstance(value, list) else value


def _is_readable(envelope: Envelope) -> bool:
    """Whether the other end can read it: one that lacks what names it must not cost those beside it."""
    try:
        read_change(envelope)
    except MalformedPayloadError as error:
        _LOG.warning("%s of AWS's answer is left out: %s", envelope["id"], error)
        return False
    return True
