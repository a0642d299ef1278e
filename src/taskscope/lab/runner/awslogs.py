"""The awslogs driver: its options, the name of the log stream, and shipping lines in batches."""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from taskscope.lab.gateway.service import ApiError
from taskscope.lab.logs.api import LogLine, LogWriter
from taskscope.lab.runner.failures import resource_initialization
from taskscope.lab.runner.lines import MultilineAssembler

FLUSH_SECONDS: Final = 0.25
_MULTILINE_WAIT_MS: Final = 1_000
"""How long a message may wait for further lines; Docker's driver waits for its flush interval of 5 s."""
_STRFTIME: Final = {
    "%A": r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day",
    "%B": "(?:January|February|March|April|May|June|July|August|September|October|November|December)",
    "%H": r"(?:2[0-3]|[01][0-9])",
    "%I": r"(?:1[0-2]|0[1-9])",
    "%L": r"\.\d{3}",
    "%M": r"[0-5][0-9]",
    "%S": r"[0-5][0-9]",
    "%Y": r"\d{4}",
    "%Z": r"[A-Z]{1,4}T",
    "%a": "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)",
    "%b": "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
    "%d": r"(?:3[01]|[12][0-9]|0[1-9])",
    "%f": r"\d{1,6}",
    "%j": r"\d{3}",
    "%m": r"(?:1[0-2]|0[1-9])",
    "%p": "[AP]M",
    "%w": "[0-6]",
    "%y": r"\d{2}",
    "%z": r"[+-]\d{4}",
    "%%": "%",
}


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a container's lines go."""

    region: str
    group: str
    stream: str
    create_group: bool
    pattern: re.Pattern[str] | None
    options: dict[str, str] = field(compare=False)
    """The driver's options as the metadata endpoint shows them: with the resolved ``awslogs-stream``."""


def destination(definition: Mapping[str, Any], *, task_id: str, runtime_id: str) -> Destination | None:
    """
    Return where the lines of a container go, or None for another log driver or none.

    Without a prefix the stream has the name of the container's runtime id (spec/ecs-task-lifecycle.md, section 7.1).

    Raises:
        StartFailure: A required option is missing or a pattern does not compile.
    """
    configuration = definition.get("logConfiguration") or {}
    if configuration.get("logDriver") != "awslogs":
        return None
    options = dict(configuration.get("options") or {})
    for required in ("awslogs-group", "awslogs-region"):
        if not options.get(required):
            raise resource_initialization(f"failed to validate logger args: no value for log opt '{required}'")
    prefix = options.get("awslogs-stream-prefix")
    stream = f"{prefix}/{definition['name']}/{task_id}" if prefix else runtime_id
    return Destination(
        region=options["awslogs-region"],
        group=options["awslogs-group"],
        stream=stream,
        create_group=options.get("awslogs-create-group", "false").lower() in {"true", "1", "t"},
        pattern=_pattern(options),
        options={**options, "awslogs-stream": stream},
    )


def strftime_pattern(form: str) -> str:
    """Translate an ``awslogs-datetime-format`` to the expression that finds such a time in a line."""
    parts = re.split(r"(%.)", form)
    return "".join(_STRFTIME.get(part, re.escape(part)) for part in parts)


def open_destination(writer: LogWriter, to: Destination) -> None:
    """
    Create the stream, and the group where the options ask for it.

    Raises:
        StartFailure: The group does not exist, or a name is not allowed.
    """
    try:
        if to.create_group:
            writer.create_group(to.region, to.group)
        writer.create_stream(to.region, to.group, to.stream)
    except ApiError as error:
        raise resource_initialization(
            "failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log "
            f"stream: {error.code}: {error.message} : exit status 1"
        ) from error


class Shipper:
    """Hands lines over in batches, every ``FLUSH_SECONDS`` and at the end. What CloudWatch refuses is counted."""

    def __init__(self, writer: LogWriter, to: Destination, *, clock_ms: Callable[[], int]) -> None:
        self._writer = writer
        self._to = to
        self._clock_ms = clock_ms
        self._multiline = MultilineAssembler(to.pattern) if to.pattern else None
        self._batch: list[LogLine] = []
        self._job = asyncio.get_running_loop().create_task(self._run())
        self.refused = 0
        """Lines that could not be delivered, because group or stream were deleted meanwhile."""

    def add(self, lines: Iterable[LogLine]) -> None:
        """Take lines in their order."""
        self._batch.extend(self._multiline.feed(lines) if self._multiline else lines)

    async def close(self) -> None:
        """Hand over everything that waits."""
        self._job.cancel()
        await asyncio.wait([self._job])
        if self._multiline:
            self._batch.extend(self._multiline.flush())
        self._flush()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            if self._multiline and self._is_late(self._multiline.pending_since):
                self._batch.extend(self._multiline.flush())
            self._flush()

    def _is_late(self, since: int | None) -> bool:
        return since is not None and self._clock_ms() - since >= _MULTILINE_WAIT_MS

    def _flush(self) -> None:
        if not self._batch:
            return
        batch, self._batch = self._batch, []
        try:
            self._writer.put(self._to.region, self._to.group, self._to.stream, batch)
        except ApiError:
            self.refused += len(batch)


def _pattern(options: Mapping[str, str]) -> re.Pattern[str] | None:
    """Return what starts a message; the datetime format wins over the pattern."""
    if form := options.get("awslogs-datetime-format"):
        return re.compile(strftime_pattern(form))
    if text := options.get("awslogs-multiline-pattern"):
        try:
            return re.compile(text)
        except re.error as error:
            raise resource_initialization(
                f"failed to validate logger args: awslogs could not parse multiline pattern key {text!r}: {error}"
            ) from error
    return None
