"""Writing to CloudWatch Logs, against a small endpoint that answers as AWS does in its worse moments."""

import json
from typing import Any

import pytest

from taskscope.aws.log_writer import LogWriter, Taken
from taskscope.aws.session import Account
from taskscope.errors import DeniedError, TaskscopeError, ThrottledError, UnavailableError
from tests.unit.sinks.backends import Reply, Request, serving

_MISSING = "ResourceNotFoundException"
_EXISTS = "ResourceAlreadyExistsException"


class _Logs:
    """Answers each operation from a list of error codes or documents; from an empty list with success."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers = answers
        self.calls: list[str] = []

    def __call__(self, request: Request) -> Reply:
        operation = request.headers["x-amz-target"].rpartition(".")[2]
        self.calls.append(operation)
        waiting = self.answers.get(operation, [])
        answer = waiting.pop(0) if waiting else {}
        if isinstance(answer, str):
            return Reply(400, json.dumps({"__type": answer, "message": f"told to say {answer}"}).encode())
        return Reply(200, json.dumps(answer).encode())


@pytest.fixture(autouse=True)
def _made_up_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


def _put(logs: _Logs, *, events: int = 3) -> Taken:
    with serving(logs) as backend:
        writer = LogWriter(Account(region="eu-west-1", endpoint_url=backend.url), retention_days=7)
        return writer.put("/g", "s", [(number, "x") for number in range(events)])


def test_a_stream_that_is_there_takes_one_call() -> None:
    """Nothing is looked up before."""
    logs = _Logs()

    assert _put(logs) == Taken(0, 3)
    assert logs.calls == ["PutLogEvents"]


def test_group_and_stream_are_made_in_their_order() -> None:
    """The stream is tried first: groups are rarely missing, and their creation is the rarer permission."""
    logs = _Logs(PutLogEvents=[_MISSING], CreateLogStream=[_MISSING])

    assert _put(logs) == Taken(0, 3)
    assert logs.calls == [
        "PutLogEvents",
        "CreateLogStream",
        "CreateLogGroup",
        "PutRetentionPolicy",
        "CreateLogStream",
        "PutLogEvents",
    ]


def test_what_somebody_else_made_meanwhile_is_used() -> None:
    """Several collectors start at once: the later ones find groups and streams in the making."""
    logs = _Logs(PutLogEvents=[_MISSING], CreateLogStream=[_MISSING, _EXISTS], CreateLogGroup=[_EXISTS])

    assert _put(logs) == Taken(0, 3)
    assert "PutRetentionPolicy" not in logs.calls


def test_a_group_that_is_being_made_is_waited_for() -> None:
    """A conflicting operation is no refusal of the events."""
    logs = _Logs(
        PutLogEvents=[_MISSING, _MISSING],
        CreateLogStream=[_MISSING, _MISSING],
        CreateLogGroup=["OperationAbortedException"],
    )

    with pytest.raises(UnavailableError):
        _put(logs)


@pytest.mark.parametrize(
    ("info", "taken"),
    [
        ({}, Taken(0, 10)),
        ({"tooOldLogEventEndIndex": 2}, Taken(2, 10)),
        ({"tooOldLogEventEndIndex": 2, "expiredLogEventEndIndex": 4}, Taken(4, 10)),
        ({"tooNewLogEventStartIndex": 8, "tooOldLogEventEndIndex": 2}, Taken(2, 8)),
        ({"tooOldLogEventEndIndex": 10}, Taken(10, 10)),
        ({"tooNewLogEventStartIndex": 0}, Taken(0, 0)),
    ],
)
def test_rejected_events_are_told_by_their_ends(info: dict[str, int], taken: Taken) -> None:
    """Old events are at the beginning, new ones at the end, whatever combination AWS answers."""
    assert _put(_Logs(PutLogEvents=[{"rejectedLogEventsInfo": info}]), events=10) == taken


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ThrottlingException", ThrottledError),
        ("ServiceUnavailableException", UnavailableError),
        ("AccessDeniedException", DeniedError),
    ],
)
def test_what_fails_has_a_type_that_says_whether_to_retry(code: str, error: type[TaskscopeError]) -> None:
    """Throttling and outages come again, a missing permission is named."""
    with pytest.raises(error):
        _put(_Logs(PutLogEvents=[code]))


def test_a_refused_call_is_no_outage() -> None:
    """An invalid parameter is never retried."""
    with pytest.raises(TaskscopeError, match="InvalidParameterException") as caught:
        _put(_Logs(PutLogEvents=["InvalidParameterException"]))
    assert not isinstance(caught.value, UnavailableError)
