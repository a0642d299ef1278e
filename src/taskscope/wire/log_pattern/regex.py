"""
Regular expressions of filter patterns, in time that grows with the text and no faster.

They come from whoever may read, and `re` can take years for a line that does not fit ``a*a*a*b``, with the whole
process waiting. CloudWatch Logs takes no groups, so an expression is a few rows of characters with quantifiers: a
finite automaton whose states are bits of a number.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

_MOST_ITEMS: Final = 4_096
"""Of a row, its quantifiers written out: ``x{9}`` is nine."""
_SAFE_ITEMS: Final = 64
"""`re`, which is the faster one, is trusted with rows of so many; a row without quantifiers takes it no longer."""
_SAFE_LETTERS: Final = (float("inf"), 300, 120)
"""A text of this length it searches in milliseconds, at worst, by how often ``*``, ``+`` and ``?`` stand in the row."""
_KNOWN_LETTERS: Final = 4_096
_PART: Final = re.compile(
    r"(?P<bar>\|)|(?P<anchor>[\^$])|"
    r"(?P<one>\[\^?\]?(?:\\.|[^\]\\])*\]|\\x..|\\.|.)"
    r"(?:(?P<times>[*+?]|\{(?P<least>\d*)(?P<comma>,)?(?P<most>\d*)(?<!\{)\})[?+]?)?",
    re.DOTALL,
)


class Regex:
    """Searches texts."""

    def __init__(self, body: str) -> None:
        """
        Take an expression.

        Raises:
            re.error: It is wrong, or written out too long.
        """
        self._whole = re.compile(body, re.ASCII)
        self._rows = [_Row(items) for items in _alternatives(body)]
        self._safe_letters = min(row.safe_letters for row in self._rows)

    def search(self, text: str) -> bool:
        """Say whether it is found somewhere in a text."""
        if len(text) <= self._safe_letters:
            return self._whole.search(text) is not None
        return any(row.search(text) for row in self._rows)


class _Item(NamedTuple):
    """A character of a row, or a place: the begin or the end of the text."""

    one: str
    optional: bool = False
    again: bool = False

    @property
    def is_place(self) -> bool:
        """Whether it stands for no character."""
        return self.one in ("^", "$")


def _alternatives(body: str) -> Iterator[list[_Item]]:
    row: list[_Item] = []
    for part in _PART.finditer(body):
        if part["bar"]:
            yield row
            row = []
        elif part["anchor"]:
            row.append(_Item(part["anchor"]))
        else:
            row += _written_out(part)
        if len(row) > _MOST_ITEMS:
            raise re.error(f"it is longer than {_MOST_ITEMS} characters, with its repetitions")
    yield row


def _written_out(part: re.Match[str]) -> list[_Item]:
    one, times = part["one"], part["times"]
    one = f"\\{one}" if one in "^$" else one
    if times is None or times in "*+?":
        return [_Item(one, optional=times in ("*", "?"), again=times in ("*", "+"))]
    least = int(part["least"] or 0)
    most = int(part["most"]) if part["most"] else None if part["comma"] else least
    if max(least, most or 0) > _MOST_ITEMS:
        return [_Item(one)] * (_MOST_ITEMS + 1)
    if most is None:
        return [*[_Item(one)] * least, _Item(one, optional=True, again=True)]
    return [_Item(one)] * least + [_Item(one, optional=True)] * (most - least)


class _Row:
    """One alternative. Bit n of a state: the first n items fit what was read last."""

    def __init__(self, items: list[_Item]) -> None:
        self._items = items
        ones = {each.one for each in items if not each.is_place}
        self._tests = [(re.compile(one, re.ASCII).fullmatch, _bits(each.one == one for each in items)) for one in ones]
        self._skip = _bits(each.optional for each in items)
        self._again = _bits(each.again for each in items)
        self._begin = _bits(each.one == "^" for each in items)
        self._end = _bits(each.one == "$" for each in items)
        self._fits: dict[str, tuple[int, int]] = {}

    @property
    def safe_letters(self) -> float:
        """Up to which length `re` may search: it tries what may be skipped or repeated in every way."""
        ways = sum(each.optional or each.again for each in self._items)
        return _SAFE_LETTERS[ways] if ways < len(_SAFE_LETTERS) and len(self._items) <= _SAFE_ITEMS else 0

    def search(self, text: str) -> bool:
        """Say whether it is found somewhere in a text."""
        length, goal = len(text), 1 << len(self._items)
        before_newline = length - 1 if text.endswith("\n") else length
        state = 0
        for place in range(length + 1):
            skip = self._skip
            if place == 0:
                skip |= self._begin
            if place in (length, before_newline):
                skip |= self._end
            state |= 1
            state |= ((state & skip) + skip) ^ skip  # all that can be skipped from here: the carry runs through it
            if state & goal:
                return True
            if place < length:
                forward, stay = self._of(text[place])
                state = (state & forward) << 1 | state & stay
        return False

    def _of(self, letter: str) -> tuple[int, int]:
        """Return the items that a letter fits, and the states that it may stay in."""
        found = self._fits.get(letter)
        if found is None:
            if len(self._fits) >= _KNOWN_LETTERS:
                self._fits.clear()
            forward = sum(bits for fits, bits in self._tests if fits(letter))
            found = self._fits[letter] = forward, (forward & self._again) << 1
        return found


def _bits(given: Iterable[bool]) -> int:
    return sum(1 << number for number, each in enumerate(given) if each)
