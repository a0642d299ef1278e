import pytest

from taskscope.wire.log_pattern.terms import parse_terms
from taskscope.wire.log_pattern.values import PatternError


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("ERROR", ["an ERROR", "ERRORS"], ["error", ""]),
        ("ERROR disk", ["disk ERROR"], ["ERROR", "disk"]),
        ('"disk full"', ["the disk full now"], ["full disk"]),
        (r'"say \"hi\""', ['I say "hi"'], ["say hi"]),
        ("?ERROR ?WARN", ["ERROR", "a WARN"], ["INFO"]),
        ('?"a b" ?c', ["a b", "c"], ["a", "b"]),
        ("ERROR -health", ["ERROR x"], ["ERROR health", "x"]),
        ("-health", ["x", ""], ["health"]),
        ("ERROR ?never", ["ERROR"], ["never"]),
        ("%4[0-9]{2}%", ["got 404"], ["got 500", "4x4"]),
        (r"%^\d+\.\d+$%", ["1.5"], ["1x5", "a 1.5"]),
        ("%colou?r|grey%", ["color", "grey"], ["blue"]),
        ('" "', ["", "anything"], []),
        ("é_1", ["x é_1"], ["e_1"]),
    ],
)
def test_terms(pattern: str, matching: list[str], other: list[str]) -> None:
    """Terms, phrases, alternatives, exclusions and regular expressions as documented."""
    matches = parse_terms(pattern)
    assert [message for message in matching if not matches(message)] == []
    assert [message for message in other if matches(message)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "a-b",
        "a:b",
        "-",
        "?",
        '"open',
        '-""',
        "%a% b",
        "%a b%",
        "%(a)%",
        "%a!%",
        "%%",
        "%[%",
        "%*a%",
        r"%(?i)a%",
        r"%\1%",
    ],
)
def test_a_wrong_pattern_is_refused(pattern: str) -> None:
    """Special characters need quotes, and a regular expression stands alone and is limited."""
    with pytest.raises(PatternError):
        parse_terms(pattern)
