"""Words that are searched for: every one has to occur, whatever its case; quotes keep blanks inside."""

import re
from typing import Final

_WORD: Final = re.compile(r'"([^"]*)"|(\S+)')


def split_words(text: str) -> list[str]:
    """Split a search text; a quote without its partner is part of its word."""
    return [word for quoted, plain in _WORD.findall(text) if (word := quoted or plain) and word != '""']
