import pytest

from taskscope.wire.log_pattern.columns import parse_columns
from taskscope.wire.log_pattern.values import PatternError

LINE = '127.0.0.1 - frank [10/Oct/2026:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("ip, user, username, timestamp, request, status, bytes", True),
        ("ip, user, username, timestamp, request, status", False),
        ("ip, ..., status, bytes", True),
        ("..., status=404, bytes", True),
        ("..., status=4*, bytes", True),
        ("..., status=5*, bytes", False),
        ("..., status=4* || status=5*, bytes>1000", True),
        ("..., status!=404, bytes", False),
        ("..., bytes>=1534", True),
        ("..., bytes<1534", False),
        ('ip, user, username, timestamp, request="GET *.html*", ...', True),
        ("ip=%127\\.0\\.0\\.[0-9]{1,3}%, ...", True),
        ("ip!=%^10%, ...", True),
        ("ip, ..., bytes", True),
        ("ip, user, username = frank && username != bob, ...", True),
        ("..., timestamp=*-0700, request, status, (bytes = 1 || bytes = 1.534e3)", True),
    ],
)
def test_columns_of_an_access_log(pattern: str, expected: bool) -> None:  # noqa: FBT001 a table of cases
    """Words, quoted and bracketed groups are columns; conditions and gaps work as documented."""
    assert parse_columns(pattern)(LINE) is expected


def test_a_number_is_compared_only_with_a_number() -> None:
    """A word that is no number is neither greater nor smaller."""
    matches = parse_columns("a > 5")
    assert (matches("6"), matches("-6"), matches("six")) == (True, False, False)


@pytest.mark.parametrize(
    "pattern",
    ["", "a,,b", "a,", "..., b, ...", "a=", "=b", "a=b c", 'a="b', "a > x", "a=1 || b=2", "(a=1", "a ~ 2", "1a"],
)
def test_a_wrong_pattern_is_refused(pattern: str) -> None:
    """Empty columns, half conditions, two gaps and two names are errors."""
    with pytest.raises(PatternError):
        parse_columns(pattern)
