"""Who may send and who may read."""

import pytest

from taskscope.config.access import PRIVATE, Allow, Token
from taskscope.errors import UsageError


@pytest.mark.parametrize(
    ("address", "admitted"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.31.255.255", True),
        ("172.32.0.1", False),
        ("192.168.0.7", True),
        ("169.254.170.2", True),
        ("100.64.0.1", True),
        ("8.8.8.8", False),
        ("::1", True),
        ("fd00::1", True),
        ("fe80::1%eth0", True),
        ("2001:db8::1", False),
        ("::ffff:10.1.2.3", True),
        ("::ffff:8.8.8.8", False),
        ("nonsense", False),
        ("", True),
    ],
)
def test_private_ranges_are_admitted_by_default(address: str, *, admitted: bool) -> None:
    """IPv4 inside IPv6 counts as IPv4, and a unix socket's sender, which has no address, is on this machine."""
    assert Allow.parse(PRIVATE).admits(address) is admitted


def test_only_what_was_named_is_admitted() -> None:
    """A single address is a network of one; bits beyond the prefix are ignored; nothing admits nobody."""
    allow = Allow.parse([" 203.0.113.9/24 ", "2001:db8::/32", "198.51.100.1"])

    assert allow.admits("203.0.113.200")
    assert allow.admits("2001:db8::1")
    assert allow.admits("198.51.100.1")
    assert not allow.admits("198.51.100.2")
    assert not allow.admits("127.0.0.1")
    assert not Allow.parse([]).admits("127.0.0.1")


def test_answers_that_are_remembered_are_bounded() -> None:
    """Forged senders of datagrams fill no memory, and answers stay right."""
    allow = Allow.parse(["10.0.0.0/16"])

    for number in range(5000):
        assert allow.admits(f"10.0.{number // 250}.{number % 250}")
        assert not allow.admits(f"10.1.{number // 250}.{number % 250}")

    assert len(allow._known) <= 4096


@pytest.mark.parametrize("text", ["10.0.0.0/33", "example.net", "", "10.0.0"])
def test_what_is_no_network_is_refused(text: str) -> None:
    """The error names the option and the text."""
    with pytest.raises(UsageError, match="--allow ") as caught:
        Allow.parse(["10.0.0.0/8", text])

    assert repr(text) in caught.value.message


@pytest.mark.parametrize(
    ("authorization", "admitted"),
    [
        ("Bearer s3cret", True),
        ("bearer  s3cret ", True),
        ("Bearer s3cre", False),
        ("Bearer s3cret2", False),
        ("Bearer", False),
        ("Basic s3cret", False),
        ("s3cret", False),
        ("Bearer sécret", False),
        ("", False),
        (None, False),
    ],
)
def test_token_is_a_bearer_token(authorization: str | None, *, admitted: bool) -> None:
    """The scheme's case does not matter, the token's does; a header that is no ASCII is only wrong."""
    assert Token("s3cret").admits(authorization) is admitted


def test_no_token_admits_everybody() -> None:
    """What listens on loopback only needs none."""
    assert Token().admits(None)
    assert Token().admits("Bearer anything")


def test_token_is_not_in_the_representation() -> None:
    """So no log has it."""
    assert "s3cret" not in repr(Token("s3cret"))
