"""The exporter's log: a line of JSON or logfmt each, on stderr, with the fields that the user adds to all of them."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

ADDITIONAL: Final = "ADDITIONAL_LOG_FIELDS"
"""The variable with fields for every line: a JSON object of texts."""
LEVELS: Final[Mapping[str, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}
FORMATS: Final = ("json", "logfmt")
_NAMES: Final = {number: name for name, number in LEVELS.items()} | {logging.CRITICAL: "error"}
_QUOTED: Final = frozenset(' "=\\')

_logger = logging.getLogger(__name__)


class LineFormatter(logging.Formatter):
    """Makes a line of a record: time, level and message, then its own fields, then those of the user."""

    def __init__(self, form: str, additional: Mapping[str, str]) -> None:
        super().__init__()
        self._is_json = form == "json"
        self._additional = additional

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what is ours is not overwritten."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, Any] = {
            "time": moment.replace("+00:00", "Z"),
            "level": _NAMES.get(record.levelno, record.levelname.lower()),
            "msg": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        fields |= {name: value for name, value in self._additional.items() if name not in fields}
        return json.dumps(fields, default=str) if self._is_json else _logfmt(fields)


def _logfmt(fields: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={_quoted(value)}" for name, value in fields.items())


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if text and text.isprintable() and _QUOTED.isdisjoint(text) else json.dumps(text)


def start_log(stream: TextIO, *, level: str, form: str, additional: str) -> None:
    """Log to a stream from now on; ``additional`` is the variable's text, of which nothing is taken if it is wrong."""
    fields, wrong = _additional(additional)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(form, fields))
    logging.basicConfig(handlers=[handler], level=LEVELS[level], force=True)
    if wrong:
        _logger.warning("additional log fields are left out", extra={"fields": {"variable": ADDITIONAL, "why": wrong}})


def _additional(text: str) -> tuple[Mapping[str, str], str]:
    """Return the user's fields, and what is wrong with them."""
    if not text:
        return {}, ""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        return {}, f"it is no JSON: {error}"
    if not isinstance(fields, dict):
        return {}, "it is no JSON object"
    for name, value in fields.items():
        if not isinstance(value, str):
            return {}, f"the value of {name!r} is no text"
    return fields, ""
