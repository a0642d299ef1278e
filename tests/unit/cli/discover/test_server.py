"""Targets over HTTP, as Prometheus' http_sd asks for them."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TypeAlias

import pytest

from taskscope.cli.discover.rounds import Rounds
from taskscope.cli.discover.server import Targets, TargetServer
from taskscope.clock import SECOND
from taskscope.errors import NotFoundError, TaskscopeError, ThrottledError
from taskscope.sockets import listen_tcp
from taskscope.sources.discovery.look import Look
from taskscope.sources.discovery.targets import ScrapeTarget
from tests.unit.cli.discover.looks import Looks

_ONE = Look((ScrapeTarget("10.0.0.9:9659", {"cluster": "shop", "family": "web"}),), ())
_NOTHING = Look((), ())


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100 * SECOND

    def __call__(self) -> int:
        """Return the time."""
        return self.now


Start: TypeAlias = Callable[..., tuple[str, int]]


@pytest.fixture
def clock() -> Clock:
    """Give the server's clock."""
    return Clock()


@pytest.fixture
def start(clock: Clock) -> Iterator[Start]:
    """Give ``start(*looks)``: serves what looks answer, and returns where."""
    with ExitStack() as stack:

        def serve(*looks: Look | TaskscopeError, host: str = "127.0.0.1") -> tuple[str, int]:
            listening = stack.enter_context(listen_tcp(host, 0, flag="--listen-port"))
            targets = Targets(Rounds(Looks(*looks), lambda _: None), fresh_ns=30 * SECOND, clock=clock)
            server = TargetServer(listening, targets)
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            found: tuple[str, int] = listening.getsockname()[:2]
            return found

        yield serve


def _get(address: tuple[str, int], path: str = "/", method: str = "GET", **headers: str) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection(*address, timeout=5)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type", ""), answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/targets", "/targets?x=1"])
def test_targets_are_json(start: Start, path: str) -> None:
    """With the type that Prometheus demands, and no parameter after it."""
    status, media, content = _get(start(_ONE), path)

    assert (status, media) == (200, "application/json")
    assert json.loads(content)[0]["targets"] == ["10.0.0.9:9659"]


def test_until_there_is_a_list_the_answer_is_503(start: Start, clock: Clock) -> None:
    """An empty list would tell Prometheus to stop scraping; the text says why there is none."""
    address = start(ThrottledError("AWS throttles"), _ONE)
    status, _, content = _get(address)
    early = _get(address)
    clock.now += 30 * SECOND

    assert (status, content) == (503, b"no targets yet: AWS throttles\n")
    assert early[0] == 503
    assert _get(address)[0] == 200


def test_aws_is_asked_no_more_often_than_that(start: Start, clock: Clock) -> None:
    """A second reader, and one within the time, get the same; a third look would fail here."""
    address = start(_ONE, _NOTHING)
    answers = [_get(address)]
    clock.now += 29 * SECOND
    answers.append(_get(address))
    clock.now += SECOND
    answers += [_get(address), _get(address)]

    assert [json.loads(content) != [] for _, _, content in answers] == [True, True, False, False]


def test_clock_that_is_set_back_keeps_no_list(start: Start, clock: Clock) -> None:
    """Else it would be served for an hour where the clock was an hour fast."""
    address = start(_ONE, _NOTHING)
    first = _get(address)
    clock.now -= 90 * SECOND

    assert json.loads(first[2]) != []
    assert json.loads(_get(address)[2]) == []


def test_list_outlasts_a_failure(start: Start, clock: Clock) -> None:
    """Of any kind."""
    address = start(_ONE, NotFoundError("gone"))
    first = _get(address)
    clock.now += 30 * SECOND

    assert _get(address) == first


def test_readers_at_once_share_a_look(start: Start) -> None:
    """A second look would fail here."""
    address = start(_ONE)
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(_get(address)[0])) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 20


def test_other_paths_are_not_there(start: Start) -> None:
    """Health is said without asking AWS; a look would fail here."""
    address = start()

    assert _get(address, "/metrics")[0] == 404
    assert _get(address, "/-/healthy") == (200, "text/plain; charset=utf-8", b"healthy\n")


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:9660", 200), ("127.0.0.1", 200), ("[::1]:9660", 200), ("evil.example:9660", 403), ("[", 403)],
)
def test_page_of_a_stranger_gets_nothing(start: Start, host: str, status: int) -> None:
    """Its own name may lead here; on loopback only names of this machine are answered."""
    assert _get(start(_ONE), Host=host)[0] == status


def test_server_for_others_answers_under_any_name(start: Start) -> None:
    """As the name that a service of ECS has."""
    _, port = start(_ONE, host="0.0.0.0")  # noqa: S104 (that is what is tested)

    assert _get(("127.0.0.1", port), Host="discovery.shop.local:9660")[0] == 200


def test_head_has_no_body(start: Start) -> None:
    """As HTTP wants it."""
    assert _get(start(_ONE), method="HEAD") == (200, "application/json", b"")


def test_first_look_is_told_where_it_cannot_get_better(clock: Clock) -> None:
    """The command ends then; otherwise it goes on."""
    with pytest.raises(NotFoundError):
        Targets(Rounds(Looks(NotFoundError("no")), lambda _: None), fresh_ns=SECOND, clock=clock).first()
    targets = Targets(Rounds(Looks(ThrottledError("later")), lambda _: None), fresh_ns=SECOND, clock=clock)
    targets.first()

    assert targets.get() is None
    assert (targets.failure, targets.retry_seconds) == ("later", 1)
