"""Conditions of a query: SQL with values bound, never written in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

_TYPES: Final[Mapping[type, str]] = {str: "String", int: "Int64"}


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL in which each ``?`` stands for a value; the empty one lets everything through."""

    sql: str = ""
    values: tuple[Any, ...] = ()
    """Texts, whole numbers, and tuples of one or the other, which are not empty."""

    @classmethod
    def of(cls, sql: str, *values: Any) -> Self:
        """Return a condition."""
        return cls(sql, values)

    @classmethod
    def all(cls, *parts: Self) -> Self:
        """Join conditions of which each has to hold."""
        return cls._joined(" AND ", parts)

    @classmethod
    def any(cls, *parts: Self) -> Self:
        """Join conditions of which one has to hold."""
        return cls._joined(" OR ", parts)

    @classmethod
    def _joined(cls, word: str, parts: Sequence[Self]) -> Self:
        told = [each for each in parts if each.sql]
        if not told:
            return cls()
        sql = f"({word.join(each.sql for each in told)})" if len(told) > 1 else told[0].sql
        return cls(sql, tuple(value for each in told for value in each.values))

    def bound(self, prefix: str = "v") -> tuple[str, dict[str, Any]]:
        """Return SQL for WHERE, and the parameters in it; their names begin with ``prefix``."""
        sql = self.sql or "true"
        pieces = sql.split("?")
        assert len(pieces) == len(self.values) + 1, (sql, self.values)  # noqa: S101 (a mistake of this package)
        names = [f"{prefix}{number}" for number in range(len(self.values))]
        told = [f"{{{name}:{_type(value)}}}" for name, value in zip(names, self.values, strict=True)]
        text = "".join(piece + value for piece, value in zip(pieces, [*told, ""], strict=True))
        values = [list(value) if isinstance(value, tuple) else value for value in self.values]
        return text, dict(zip(names, values, strict=True))


def _type(value: Any) -> str:
    return f"Array({_TYPES[type(value[0])]})" if isinstance(value, tuple) else _TYPES[type(value)]


def between(start_ns: int, end_ns: int) -> Condition:
    """Return the condition of a time from start to end, which does not belong to it."""
    return Condition.of(
        "Timestamp >= fromUnixTimestamp64Nano(?, 'UTC') AND Timestamp < fromUnixTimestamp64Nano(?, 'UTC')",
        start_ns,
        end_ns,
    )


def at(time_ns: int) -> Condition:
    """Return the condition of one moment."""
    return Condition.of("Timestamp = fromUnixTimestamp64Nano(?, 'UTC')", time_ns)
