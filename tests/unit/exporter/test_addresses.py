"""Where the exporter listens."""

import pytest

from taskscope.errors import UsageError
from taskscope.exporter.addresses import Address, find_address


@pytest.mark.parametrize(
    ("listen", "port", "variable", "found"),
    [
        ("", None, "", "0.0.0.0:9659"),
        ("", None, "9779", "0.0.0.0:9779"),
        ("", 80, "9779", "0.0.0.0:80"),
        ("", 0, "9779", "0.0.0.0:0"),
        (":9100", None, "9779", "0.0.0.0:9100"),
        ("127.0.0.1", None, "9779", "127.0.0.1:9779"),
        ("127.0.0.1:9100", None, "", "127.0.0.1:9100"),
        ("127.0.0.1:9100", 9100, "x", "127.0.0.1:9100"),
        ("localhost", 9100, "", "localhost:9100"),
        ("[::]:9100", None, "", "[::]:9100"),
        ("::", None, "", "[::]:9659"),
        ("[::1]", 9100, "", "[::1]:9100"),
    ],
)
def test_flags_come_before_the_variable(listen: str, port: int | None, variable: str, found: str) -> None:
    """Host and port may come in one or apart."""
    assert str(find_address(listen, port, variable)) == found


@pytest.mark.parametrize(
    ("listen", "port", "variable", "said"),
    [
        ("127.0.0.1:9100", 9200, "", "different"),
        ("127.0.0.1:70000", None, "", "'70000' is no port"),
        ("127.0.0.1:http", None, "", "is no address"),
        ("[::1:9100", None, "", "is no address"),
        ("", None, "http", "PORT 'http' is no port"),
        ("", None, "-1", "PORT '-1'"),
        ("", None, "\u0661", "PORT"),
        ("", None, "9" * 5_000, "is no port"),
    ],
)
def test_what_is_none_is_said(listen: str, port: int | None, variable: str, said: str) -> None:
    """With what it was read from."""
    with pytest.raises(UsageError, match=said):
        find_address(listen, port, variable)


def test_address_is_shown_as_it_is_written() -> None:
    """With brackets where there have to be some."""
    assert str(Address("::", 80)) == "[::]:80"
