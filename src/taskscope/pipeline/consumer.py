"""One consumer of the spool: cuts ranges of its lanes, has them read and delivered, and notes them as done."""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from taskscope.counters import Counters
from taskscope.pipeline.cutting import Cutter, CutterFactory
from taskscope.pipeline.deliver import Delivery
from taskscope.pipeline.faults import told
from taskscope.pipeline.ranges import RangeContents, RangeReader
from taskscope.spool.cursor import Cursor, Cut
from taskscope.spool.frame import Frame
from taskscope.spool.reader import Chunk
from taskscope.spool.spool import Spool

_IDLE_SECONDS: Final = 0.05
"""Between two looks at lanes that have nothing new: an idle sidecar takes 0.7 % of a core so, at 0.02 it takes 1.7."""
_AGAIN_SECONDS: Final = 1.0
"""Before another try of what the disk or a fault of ours has prevented."""
_FAULTS: Final = 5
"""How often a range may meet a fault of ours before it is set aside, so that its lane is not held up for ever."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Work:
    """A range to deliver, with its frames if they were read when it was cut."""

    cut: Cut
    chunk: Chunk | None


class Consumer:
    """
    Threads that share one cursor: one lock cuts consecutive ranges, each thread delivers its own.

    What is confirmed has no holes, so a range that is done early waits for those before it.
    """

    def __init__(
        self,
        name: str,
        *,
        spool: Spool,
        ranges: RangeReader,
        delivery: Delivery,
        cutters: CutterFactory,
        counters: Counters,
        workers: int,
        stop: threading.Event,
    ) -> None:
        """
        Prepare; ranges that were cut before and not noted as done come first.

        Args:
            name: Of its cursor.
            spool: What it reads.
            ranges: Makes pieces of ranges.
            delivery: Brings them to the sink.
            cutters: Makes the cutter of each lane.
            counters: Damage is counted here.
            workers: Threads.
            stop: Ends them, and the delivery's waiting.
        """
        self.name = name
        self._spool = spool
        self._ranges = ranges
        self._delivery = delivery
        self._make_cutter = cutters
        self._counters = counters
        self._cursor: Cursor = spool.cursor(name)
        self._again = deque(self._cursor.open_cuts())
        self._readers = ExitStack()
        self._cutter_of: dict[str, Cutter] = {}
        self._served: dict[str, float] = {}
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._stop = stop
        self._flush = threading.Event()
        self._threads = [
            threading.Thread(target=self._work_forever, name=f"{name}-{number}", daemon=True)
            for number in range(workers)
        ]

    @property
    def trouble(self) -> str | None:
        """Why the sink takes nothing at present; None while it does."""
        return self._delivery.trouble

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def confirmed(self, lane: str) -> int:
        """Return the offset that everything before is delivered."""
        with self._lock:
            return self._cursor.confirmed(lane)

    def backlog_bytes(self) -> int:
        """Return how much of the spool is not delivered yet."""
        return sum(max(0, self._spool.reader(lane).end() - self.confirmed(lane)) for lane in self._spool.lanes())

    def drain(self, deadline: float) -> bool:
        """Deliver what is there, until a monotonic time; return whether all of it was."""
        self._flush.set()
        while time.monotonic() < deadline:
            if self.backlog_bytes() == 0:
                return True
            time.sleep(_IDLE_SECONDS)
        return self.backlog_bytes() == 0

    def stop(self) -> None:
        """End the threads, if they run, after what is under way, and close the cursor; what is open comes again."""
        self._stop.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        self._cursor.close()
        self._readers.close()

    def _work_forever(self) -> None:
        while not self._stop.is_set():
            try:
                work = self._next()
            except OSError as error:
                _log.error("%s cannot read the spool: %s", self.name, error)
                self._stop.wait(_AGAIN_SECONDS)
                continue
            if work is None:
                self._stop.wait(_IDLE_SECONDS)
            elif (delivered := self._deliver(work)) is not None:
                self._note(work.cut, delivered.state)

    def _next(self) -> _Work | None:
        """Cut a range of a lane that is ready, those served last asked last; None if none is."""
        with self._lock:
            for cut in self._again:
                if cut.lane not in self._busy:
                    self._again.remove(cut)
                    return self._taken(_Work(cut, None))
            for lane in sorted(self._spool.lanes(), key=lambda each: self._served.get(each, 0)):
                if lane in self._busy:
                    continue
                planned = self._cutter(lane).plan(self._cursor.position(lane), flush=self._flush.is_set())
                if planned is not None:
                    note = self._ranges.note(planned.chunk.frames) if planned.chunk is not None else None
                    return self._taken(_Work(self._cursor.cut(lane, planned.end, note=note), planned.chunk))
        return None

    def _taken(self, work: _Work) -> _Work:
        lane = work.cut.lane
        self._served[lane] = time.monotonic()
        if self._ranges.in_turn(lane):
            self._busy.add(lane)
        return work

    def _cutter(self, lane: str) -> Cutter:
        if lane not in self._cutter_of:
            reader = self._readers.enter_context(self._spool.reader(lane))
            self._cutter_of[lane] = self._make_cutter(lane, reader)
        return self._cutter_of[lane]

    def _deliver(self, work: _Work) -> RangeContents | None:
        """Deliver a range, which is cut for good: what goes wrong is tried again. None if the process ends."""
        faults: list[Exception] = []
        while True:
            try:
                if len(faults) >= _FAULTS:
                    self._ranges.set_aside(self._frames(work), f"a fault: {told(faults[-1])}")
                    return RangeContents(iter(()))
                return self._deliver_once(work)
            except OSError as error:
                _log.error("%s cannot read the spool: %s", self.name, error)
            except Exception as error:  # noqa: BLE001 (a fault of ours must not end the thread)
                faults.append(error)
                self._counters.add(f"faults.{self.name}")
                _log.error("%s: a fault with %s: %s", self.name, self._spool.token(work.cut), told(error))
            if self._stop.wait(_AGAIN_SECONDS):
                return None

    def _deliver_once(self, work: _Work) -> RangeContents | None:
        cut = work.cut
        with self._lock:
            state, note = self._cursor.state(cut.lane), self._cursor.note(cut)
        contents = self._ranges.read(cut.lane, self._frames(work), self._spool.token(cut), state, note)
        return contents if self._delivery.deliver(contents.pieces) else None

    def _note(self, cut: Cut, state: object) -> None:
        """Note a range as done, when the disk lets us; if the process ends before that, it comes again."""
        while True:
            try:
                with self._lock:
                    self._cursor.done(cut, state=state)
                    self._busy.discard(cut.lane)
            except OSError as error:
                _log.error("%s cannot note how far it is: %s", self.name, error)
            else:
                return
            if self._stop.wait(_AGAIN_SECONDS):
                return

    def _frames(self, work: _Work) -> Iterator[Frame]:
        """Yield the frames of a range, reading what was not read when it was cut."""
        if work.chunk is not None:
            yield from self._counted(work.chunk)
            return
        with self._spool.reader(work.cut.lane) as reader:
            for chunk in reader.read_range(work.cut.start, work.cut.end):
                yield from self._counted(chunk)

    def _counted(self, chunk: Chunk) -> Sequence[Frame]:
        if chunk.damaged_bytes:
            self._counters.add("damaged_bytes.spool", chunk.damaged_bytes)
            _log.error("%s: %d bytes of the spool are damaged and passed by", self.name, chunk.damaged_bytes)
        return chunk.frames
