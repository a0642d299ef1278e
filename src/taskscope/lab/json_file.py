"""JSON files that users name on the command line."""

import json
from pathlib import Path
from typing import Any

from taskscope.errors import UsageError


def read_json(file: Path, what: str) -> Any:
    """
    Read a file of JSON; ``what`` says what it is to hold, for the error.

    Raises:
        UsageError: It cannot be read, or is no JSON.
    """
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {what} {file}: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"{file} is no JSON: {error}") from None
