"""The value tests of an event pattern: what one entry of a pattern's array says about the values of a field."""

import ipaddress
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

Test: TypeAlias = Callable[[Sequence[Any]], bool]
"""Whether the values of a field pass; a field that is absent has no values, an array has one for each element."""

ValueTest: TypeAlias = Callable[[Any], bool]

_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_LARGEST: Final = 5e9  # numbers beyond five billion are refused, as EventBridge documents


class PatternError(ValueError):
    """The text is no event pattern; the message says which part and why."""


def compile_test(entry: Any) -> Test:
    """
    Compile one entry of an array, such as ``"STOPPED"``, ``null`` or ``{"prefix": "web"}``.

    Raises:
        PatternError: The entry is neither a plain value nor a known matching expression.
    """
    if not isinstance(entry, dict):
        return _any(_equal(entry))
    if len(entry) != 1:
        raise PatternError("Only one key allowed in match expression")
    [(kind, operand)] = entry.items()
    if kind == "exists":
        return _exists(operand)
    if kind == "anything-but":
        return _any(_anything_but(operand))
    if kind not in _VALUE_TESTS:
        raise PatternError(f"Unrecognized match type {kind}")
    return _any(_VALUE_TESTS[kind](operand))


def _any(test: ValueTest) -> Test:
    return lambda values: any(test(value) for value in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal(expected: Any) -> ValueTest:
    """JSON equality: 1 and 1.0 are one number, but true is no number."""
    if isinstance(expected, list):
        raise PatternError("Arrays in arrays are not allowed")
    if _is_number(expected):
        return lambda value: _is_number(value) and value == expected
    return lambda value: type(value) is type(expected) and value == expected


def _exists(operand: Any) -> Test:
    if not isinstance(operand, bool):
        raise PatternError("exists match pattern must be either true or false.")
    return lambda values: bool(values) is operand


def _text(operand: Any, kind: str) -> str:
    if not isinstance(operand, str):
        raise PatternError(f"{kind} match pattern must be a string")
    return operand


def _on_text(test: Callable[[str], bool]) -> ValueTest:
    return lambda value: isinstance(value, str) and test(value)


def _edge(kind: str, holds: Callable[[str, str], bool]) -> Callable[[Any], ValueTest]:
    """Prefix and suffix: a text, or ``{"equals-ignore-case": text}``."""

    def compile_edge(operand: Any) -> ValueTest:
        if isinstance(operand, dict) and list(operand) == ["equals-ignore-case"]:
            folded = _text(operand["equals-ignore-case"], kind).casefold()
            return _on_text(lambda value: holds(value.casefold(), folded))
        plain = _text(operand, kind)
        return _on_text(lambda value: holds(value, plain))

    return compile_edge


def _ignore_case(operand: Any) -> ValueTest:
    folded = _text(operand, "equals-ignore-case").casefold()
    return _on_text(lambda value: value.casefold() == folded)


def _wildcard(operand: Any) -> ValueTest:
    r"""``*`` stands for any characters, ``\*`` and ``\\`` for themselves; two stars in a row are refused."""
    parts: list[str] = []
    for piece in re.findall(r"\\.|\\|[^\\]", _text(operand, "wildcard"), re.DOTALL):
        if piece == "*":
            if parts and parts[-1] == ".*":
                raise PatternError("Consecutive wildcard characters")
            parts.append(".*")
        elif piece.startswith("\\") and piece not in {"\\*", "\\\\"}:
            raise PatternError("Invalid escape character in wildcard")
        else:
            parts.append(re.escape(piece[-1]))
    found = re.compile("".join(parts), re.DOTALL)
    return _on_text(lambda value: found.fullmatch(value) is not None)


def _cidr(operand: Any) -> ValueTest:
    try:
        network = ipaddress.ip_network(_text(operand, "cidr"), strict=False)
    except ValueError as error:
        raise PatternError(f"Malformed CIDR: {error}") from None

    def holds(value: str) -> bool:
        try:
            return ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return _on_text(holds)


def _numeric(operand: Any) -> ValueTest:
    """One or two comparisons, ``["=", 5]`` or ``[">", 0, "<=", 10]``."""
    if not isinstance(operand, list) or len(operand) not in {2, 4}:
        raise PatternError("Value of numeric must be an array of one or two comparisons")
    bounds: list[tuple[Callable[[float, float], bool], float]] = []
    for sign, number in zip(operand[::2], operand[1::2], strict=True):
        if sign not in _COMPARISONS:
            raise PatternError(f"Unrecognized numeric range operator: {sign}")
        if not _is_number(number) or abs(number) > _LARGEST:
            raise PatternError(f"Value of {sign} must be numeric, within plus or minus five billion")
        bounds.append((_COMPARISONS[sign], number))
    return lambda value: _is_number(value) and all(compare(value, number) for compare, number in bounds)


_VALUE_TESTS: Final[dict[str, Callable[[Any], ValueTest]]] = {
    "prefix": _edge("prefix", str.startswith),
    "suffix": _edge("suffix", str.endswith),
    "equals-ignore-case": _ignore_case,
    "wildcard": _wildcard,
    "cidr": _cidr,
    "numeric": _numeric,
}
_NEGATABLE: Final = ("prefix", "suffix", "equals-ignore-case", "wildcard")


def _anything_but(operand: Any) -> ValueTest:
    """Anything but a value, one of several values, or what one of several texts of one kind matches."""
    if isinstance(operand, dict):
        if len(operand) != 1 or not set(operand) <= set(_NEGATABLE):
            raise PatternError(f"Unsupported anything-but pattern: {', '.join(operand) or 'empty'}")
        [(kind, texts)] = operand.items()
        excluded = [_VALUE_TESTS[kind](text) for text in (texts if isinstance(texts, list) else [texts])]
    else:
        values = operand if isinstance(operand, list) else [operand]
        if not all(isinstance(value, str) or _is_number(value) for value in values):
            raise PatternError("Inside anything but list, only strings and numbers are allowed")
        excluded = [_equal(value) for value in values]
    if not excluded:
        raise PatternError("Empty arrays are not allowed")
    return lambda value: not any(test(value) for test in excluded)
