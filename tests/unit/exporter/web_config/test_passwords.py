"""Basic authentication: who fits, and what it costs."""

import base64
import threading

import bcrypt
import pytest

from taskscope.exporter.web_config.passwords import Passwords


def _hash(password: str) -> str:
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()


USERS = {"alice": _hash("wonder"), "bob": _hash("build:er"), "zoë": _hash("ÿ" * 72)}


def _header(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Give the passwords that were hashed."""
    seen: list[bytes] = []
    real = bcrypt.checkpw

    def check(password: bytes, stored: bytes) -> bool:
        seen.append(password)
        return real(password, stored)

    monkeypatch.setattr(bcrypt, "checkpw", check)
    return seen


@pytest.mark.parametrize(
    ("user", "password", "fits"),
    [
        ("alice", "wonder", True),
        ("alice", "wonder ", False),
        ("alice", "", False),
        ("bob", "build:er", True),
        ("bob", "wonder", False),
        ("carol", "wonder", False),
        ("", "", False),
        ("zoë", "ÿ" * 72, True),
        ("zoë", "ÿ" * 36, True),
        ("zoë", "ÿ" * 35, False),
    ],
)
def test_user_and_password_have_to_fit(user: str, password: str, fits: bool) -> None:  # noqa: FBT001 (a case)
    """Of a password bcrypt reads 72 bytes."""
    assert Passwords().fit(_header(user, password), USERS) is fits


@pytest.mark.parametrize(
    "header",
    [None, "", "Basic", "Basic !", "Bearer abc", "Basic YWxpY2U=", "Basic /w==", "Basic YTpi\x00", "Basic YQA6AGI="],
)
def test_other_headers_show_nobody(header: str | None, hashed: list[bytes]) -> None:
    """And cost nothing."""
    assert not Passwords().fit(header, USERS)
    assert hashed == []


def test_scheme_has_any_case() -> None:
    """RFC 7235."""
    assert Passwords().fit(_header("alice", "wonder").replace("Basic", "bASIC"), USERS)


def test_what_is_known_is_hashed_once(hashed: list[bytes]) -> None:
    """Also of many who come at the same time, and also what is wrong."""
    known = Passwords()
    fit: list[bool] = []

    def scrape(password: str) -> None:
        fit.append(known.fit(_header("alice", password), USERS))

    threads = [threading.Thread(target=scrape, args=[each]) for each in ["wonder", "wrong"] * 20]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(fit) == [False] * 20 + [True] * 20
    assert sorted(hashed) == [b"wonder", b"wrong"]


def test_a_changed_password_is_hashed_anew() -> None:
    """What fitted before does so no more."""
    known = Passwords()
    before = known.fit(_header("alice", "wonder"), USERS)
    after = known.fit(_header("alice", "wonder"), {"alice": _hash("other")})

    assert (before, after) == (True, False)


def test_unknown_users_take_as_long_as_known_ones(hashed: list[bytes]) -> None:
    """A password is hashed all the same, so that time tells no names; with the right one of another user, too."""
    assert not Passwords().fit(_header("mallory", "wonder"), USERS)
    assert hashed == [b"wonder"]


def test_many_wrong_ones_drive_no_right_one_out(hashed: list[bytes]) -> None:
    """What is remembered is bounded."""
    known = Passwords()
    known.fit(_header("alice", "wonder"), USERS)
    for number in range(150):
        known.fit(_header("alice", str(number)), USERS)
    hashed.clear()

    assert known.fit(_header("alice", "wonder"), USERS)
    assert not known.fit(_header("alice", "149"), USERS)
    assert hashed == []
    assert not known.fit(_header("alice", "0"), USERS)
    assert hashed == [b"0"]
