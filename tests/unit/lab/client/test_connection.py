import socket

import pytest

from taskscope.errors import UnreachableError, UsageError
from taskscope.lab.client.connection import find_lab


@pytest.mark.parametrize("url", ["https://ecs.us-east-1.amazonaws.com", "http://198.51.100.7:5275", "http://lab:5275"])
def test_an_endpoint_that_is_not_of_this_machine_is_never_called(url: str) -> None:
    """No task is ever started in a real account by a forgotten variable."""
    with pytest.raises(UsageError, match="is not a lab on this machine"):
        find_lab(url)


@pytest.mark.parametrize("url", ["127.0.0.1:5275", "ftp://127.0.0.1", "http://"])
def test_what_is_no_url_is_refused(url: str) -> None:
    """The hint shows how it is written."""
    with pytest.raises(UsageError) as caught:
        find_lab(url)

    assert caught.value.hint == "write it as http://127.0.0.1:5275"


def test_without_a_lab_the_error_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL comes from the environment, as with every AWS client."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")

    with pytest.raises(UnreachableError, match=f"127.0.0.1:{port}") as caught:
        find_lab()

    assert caught.value.hint == "start a lab with `taskscope lab up`"


def test_the_user_s_profile_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that does not exist does not keep a lab from being used."""
    monkeypatch.setenv("AWS_PROFILE", "nowhere")

    with pytest.raises(UnreachableError):
        find_lab("http://127.0.0.1:1")
