"""Functions run in real processes through the real runtime client."""

import asyncio
import json
import os
import re
import uuid
from pathlib import Path
from typing import Any

import psutil
import pytest

from taskscope.lab.functions.model import Function, Outcome, Request
from taskscope.lab.gateway.service import ApiError

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
_REPORT = (
    rf"REPORT RequestId: {_UUID}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
    r"Max Memory Used: [1-9]\d* MB\t"
)


def _request(payload: object = None) -> Request:
    return Request(str(uuid.uuid4()), json.dumps(payload).encode())


def _is_gone(pid: int) -> bool:
    """Whether a process has ended; an orphan that nobody has collected counts as ended."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _run(runner: Any, function: Function, *payloads: object, **settings: Any) -> list[Outcome]:
    """Run a function once for each payload, in one runner."""

    async def run() -> list[Outcome]:
        async with runner(**settings) as running:
            return [await running.run(function, _request(payload)) for payload in payloads]

    return asyncio.run(run())


def test_function_answers_and_logs(runner: Any, make_function: Any, logs: Any) -> None:
    """A cold and a warm invocation answer, and their log has Lambda's lines around what the function said, in order."""
    function = make_function(
        """
        import logging
        print("loading")
        def handle(payload, context):
            print("got", payload)
            logging.warning("about to\\nanswer")
            return {"id": context.aws_request_id, "twice": payload * 2}
        """
    )

    first, second = _run(runner, function, 2, 3)

    assert [json.loads(outcome.payload)["twice"] for outcome in (first, second)] == [4, 6]
    assert first.fault is None
    [(group, stream)] = logs.streams
    assert group == "/aws/lambda/fn"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream)
    init, loading, *rest = logs.messages()
    assert re.fullmatch(r"INIT_START Runtime Version: \S+\tRuntime Version ARN: \S+\n", init)
    assert loading == "loading\n"
    shapes = [
        rf"START RequestId: {_UUID} Version: \$LATEST\n",
        r"got \d\n",
        rf"\[WARNING\]\t\S+Z\t{_UUID}\tabout to\nanswer\n",
        rf"END RequestId: {_UUID}\n",
    ]
    shapes = [*shapes, _REPORT + r"Init Duration: [\d.]+ ms\t\n", *shapes, _REPORT + r"\n"]
    assert len(rest) == len(shapes)
    for message, shape in zip(rest, shapes, strict=True):
        assert re.fullmatch(shape, message), message
    assert second.log == "".join(rest[5:])


def test_environment_is_lambdas_and_the_functions(
    runner: Any, make_function: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process sees Lambda's variables and its own, an empty home, and nothing of the user's AWS settings."""
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("SECRET", "mine")
    function = make_function(
        """
        import os
        def handle(payload, context):
            return {
                "variables": dict(os.environ), "home": os.listdir(os.environ["HOME"]), "folder": os.getcwd(),
                "left": context.get_remaining_time_in_millis(), "arn": context.invoked_function_arn,
            }
        """,
        variables={"OWN": "1", "AWS_REGION": "elsewhere"},
    )

    [outcome] = _run(runner, function, None)

    seen = json.loads(outcome.payload)
    variables = seen["variables"]
    assert "AWS_PROFILE" not in variables
    assert "SECRET" not in variables
    assert variables["OWN"] == "1"
    assert variables["AWS_REGION"] == "us-east-1"
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "fn"
    assert variables["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/fn"
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert variables["_HANDLER"] == "app.handle"
    assert variables["_X_AMZN_TRACE_ID"].startswith("Root=1-")
    assert seen["folder"] == variables["LAMBDA_TASK_ROOT"]
    assert seen["home"] == []
    assert 0 < seen["left"] <= 3000
    assert seen["arn"] == "arn:aws:lambda:us-east-1:123456789012:function:fn"


def test_only_the_packages_of_the_runtime_can_be_imported(runner: Any, make_function: Any) -> None:
    """A function finds boto3, but neither Taskscope nor its other packages, so a zip has to bring what it needs."""
    function = make_function(
        """
        import boto3, importlib.util
        def handle(payload, context):
            return [name for name in payload if importlib.util.find_spec(name)]
        """,
        timeout_seconds=20,
    )

    [outcome] = _run(runner, function, ["boto3", "botocore", "taskscope", "click", "rich", "pytest", "moto"])

    assert json.loads(outcome.payload) == ["boto3", "botocore"]


def test_exception_is_an_error_in_answer_and_log(runner: Any, make_function: Any, logs: Any) -> None:
    """What a handler raises is answered, logged as one event with its traceback, and the next call works."""
    function = make_function(
        """
        def handle(payload, context):
            return 1 / payload
        """
    )

    failed, fine = _run(runner, function, 0, 4)

    assert failed.fault == "ZeroDivisionError"
    assert json.loads(failed.payload)["errorType"] == "ZeroDivisionError"
    assert fine == Outcome(b"0.25", None, fine.log)
    [told] = [message for message in logs.messages() if "ZeroDivisionError" in message]
    assert told.startswith("[ERROR] ZeroDivisionError: division by zero\nTraceback")
    assert len(logs.streams) == 1


def test_timeout_kills_the_function(runner: Any, make_function: Any, logs: Any, tmp_path: Path) -> None:
    """A function that takes too long is killed with its children, said so, and starts cold the next time."""
    pid_file = tmp_path / "pid"
    function = make_function(
        f"""
        import subprocess, time
        def handle(payload, context):
            if payload:
                child = subprocess.Popen(["sleep", "60"])
                open({str(pid_file)!r}, "w").write(str(child.pid))
                print("waiting")
                time.sleep(60)
            return "quick"
        """,
        timeout_seconds=1,
    )

    slow, quick = _run(runner, function, 1, 0)

    assert slow.fault == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in json.loads(slow.payload)["errorMessage"]
    assert quick.payload == b'"quick"'
    lines = slow.log.splitlines()
    assert lines[1] == "waiting"
    assert re.fullmatch(rf"\S+Z {_UUID} Task timed out after 1.00 seconds", lines[2])
    assert lines[4].endswith("Status: timeout\t")
    assert len(logs.streams) == 2
    assert _is_gone(int(pid_file.read_text()))


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("os._exit(3)", "exit status 3"),
        ("os.kill(os.getpid(), 9)", "signal: killed"),
        ("os._exit(0)", "without providing"),
    ],
)
def test_end_of_the_process_is_an_exit_error(runner: Any, make_function: Any, statement: str, reason: str) -> None:
    """When the process ends during an invocation, answer and log say how."""
    function = make_function(
        f"""
        import os
        def handle(payload, context):
            print("last words")
            {statement}
        """
    )

    [outcome] = _run(runner, function, None)

    assert outcome.fault == "Runtime.ExitError"
    assert reason in json.loads(outcome.payload)["errorMessage"]
    assert "last words\nRequestId: " in outcome.log
    assert "Error Type: Runtime.ExitError\t" in outcome.log


def test_module_that_cannot_be_imported_is_an_init_error(runner: Any, make_function: Any, logs: Any) -> None:
    """A broken import is answered as Lambda answers it, for each invocation anew."""
    function = make_function("import nothing_like_this")

    first, second = _run(runner, function, None, None)

    assert first.fault == second.fault == "Runtime.ImportModuleError"
    assert "nothing_like_this" in json.loads(first.payload)["errorMessage"]
    assert any(
        re.match(r"INIT_REPORT Init Duration: \S+ ms\tPhase: init\tStatus: error", line) for line in logs.messages()
    )
    assert len(logs.streams) == 2


def test_initialization_that_hangs_is_given_up(runner: Any, make_function: Any, logs: Any) -> None:
    """A module that never finishes loading is killed after its time."""
    [outcome] = _run(runner, make_function("import time; time.sleep(60)"), None, init_seconds=0.3)

    assert outcome.fault == "Sandbox.Timedout"
    assert any("Status: timeout" in line for line in logs.messages() if line.startswith("INIT_REPORT"))


def test_changed_function_starts_cold(runner: Any, make_function: Any) -> None:
    """New code or configuration takes effect with the next invocation."""
    source = "def handle(payload, context): return {}"
    old, new = make_function(source.format(1)), make_function(source.format(2))

    async def run() -> list[bytes]:
        async with runner() as running:
            return [(await running.run(function, _request())).payload for function in (old, new, new)]

    assert asyncio.run(run()) == [b"1", b"2", b"2"]


def test_one_request_at_a_time(runner: Any, make_function: Any) -> None:
    """Invocations that come together are served one after another by the same process."""
    function = make_function(
        """
        import os, time
        running = 0
        def handle(payload, context):
            global running
            running += 1
            time.sleep(0.02)
            running -= 1
            return [os.getpid(), running]
        """
    )

    async def run() -> list[Outcome]:
        async with runner() as running:
            return list(await asyncio.gather(*(running.run(function, _request()) for _ in range(5))))

    answers = [json.loads(outcome.payload) for outcome in asyncio.run(run())]

    assert answers == [[answers[0][0], 0]] * 5


def test_answer_over_six_megabytes_is_refused(runner: Any, make_function: Any) -> None:
    """A response beyond Lambda's limit is an error, one just below is fine."""
    function = make_function("def handle(payload, context): return 'x' * payload", timeout_seconds=20)

    fine, large = _run(runner, function, 6 * 1024 * 1024 - 2, 6 * 1024 * 1024)

    assert len(fine.payload) == 6 * 1024 * 1024
    assert large.fault == "Function.ResponseSizeTooLarge"


def test_broken_zip_is_refused(runner: Any, make_function: Any) -> None:
    """Bytes that are no zip cannot be started."""
    with pytest.raises(ApiError, match="InvalidZipFileException"):
        _run(runner, make_function("", code=b"PK nonsense"), None)


def test_closing_ends_what_runs(runner: Any, make_function: Any, logs: Any) -> None:
    """When the lab ends, a running function ends at once, with its process and files, and no other starts."""
    function = make_function(
        """
        import os, time
        print(os.getpid())
        def handle(payload, context):
            time.sleep(60)
        """,
        timeout_seconds=60,
    )

    async def run() -> Outcome:
        async with runner() as running:
            job = asyncio.create_task(running.run(function, _request()))
            await logs.started.wait()
            await running.close()
            with pytest.raises(ApiError, match="closing"):
                await running.run(function, _request())
            outcome: Outcome = await job
            return outcome

    assert asyncio.run(run()).fault == "Runtime.ExitError"
    assert _is_gone(int(logs.messages()[1]))


def test_abandoned_invocation_leaves_no_half_done_environment(runner: Any, make_function: Any, logs: Any) -> None:
    """When the caller gives up, the process is killed, and the next invocation starts cold."""
    function = make_function(
        """
        import time
        def handle(payload, context):
            time.sleep(payload)
            return "fresh"
        """
    )

    async def run() -> Outcome:
        async with runner() as running:
            job = asyncio.create_task(running.run(function, _request(60)))
            await logs.started.wait()
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
            outcome: Outcome = await running.run(function, _request(0))
            return outcome

    assert asyncio.run(run()).payload == b'"fresh"'
    assert len(logs.streams) == 2


def test_abandoned_cold_start_leaves_no_process(runner: Any, make_function: Any, logs: Any, tmp_path: Path) -> None:
    """When the caller gives up while the module loads, the process ends, and the next invocation starts another."""
    loading = tmp_path / "loading"
    os.mkfifo(loading)
    function = make_function(
        f"""
        import os, time
        if not os.path.exists({str(tmp_path / "again")!r}):
            open({str(loading)!r}, "w").write(str(os.getpid()))
            time.sleep(60)
        def handle(payload, context):
            return "fresh"
        """
    )

    async def run() -> tuple[int, Outcome]:
        async with runner() as running:
            job = asyncio.create_task(running.run(function, _request()))
            pid = int(await asyncio.to_thread(loading.read_text))
            (tmp_path / "again").touch()
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
            return pid, await running.run(function, _request())

    pid, outcome = asyncio.run(run())

    assert _is_gone(pid)
    assert outcome.payload == b'"fresh"'
    assert len(logs.streams) == 2
