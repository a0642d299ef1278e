"""How long signals are kept, as people write it."""

from typing import Final

from taskscope.app.settings.signals import SIGNALS
from taskscope.clock import SECOND
from taskscope.config.times import parse_duration
from taskscope.errors import UsageError
from taskscope.model.batch import Signal

_DAY: Final = 86_400
_RETENTIONS: Final = "traces=7d, logs=7d, metrics=30d or changes=90d"
_LONGEST_KEPT_SECONDS: Final = 10 * 365 * 86_400
"""The engine's times of arrival end in 2106; what is kept beyond that would be deleted at once."""


def parse_retention(text: str) -> dict[Signal, int]:
    """
    Read ``traces=7d,logs=36h``: seconds for each signal that is named, 0 for ever; the others keep their default.

    Raises:
        UsageError: A part does not read.
    """
    found = {Signal.SPANS: 7 * _DAY, Signal.LOGS: 7 * _DAY, Signal.METRICS: 30 * _DAY, Signal.CHANGES: 0}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, age = (each.strip() for each in part.partition("="))
        if name not in SIGNALS:
            raise UsageError(f"retention {part!r}: write {_RETENTIONS}, joined by commas")
        nanoseconds = 0 if age == "0" else _duration(age, part)
        if nanoseconds and not SECOND <= nanoseconds <= _LONGEST_KEPT_SECONDS * SECOND:
            raise UsageError(f"retention {part!r}: it is 1s to 3650d, or 0s for ever")
        found[SIGNALS[name]] = nanoseconds // SECOND
    return found


def _duration(age: str, part: str) -> int:
    try:
        return parse_duration(age)
    except UsageError as error:
        raise UsageError(f"retention {part!r}: {error.message}", hint=error.hint) from None
