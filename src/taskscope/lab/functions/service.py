"""Lambda's Invoke, synchronous and asynchronous, and what moto lacks; the other operations are moto's."""

import asyncio
import base64
import binascii
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from taskscope.lab.functions.catalog import find_function
from taskscope.lab.functions.configuration import update_configuration
from taskscope.lab.functions.model import ASYNC_LIMIT_BYTES, SYNC_LIMIT_BYTES, Function, Request
from taskscope.lab.functions.runner import FunctionRunner
from taskscope.lab.gateway.service import ApiError, Call, Document, Operation

Find: TypeAlias = Callable[[str, str, str, str | None], Function]
"""Finds a function by account, region, name or ARN, and qualifier; raises ``ApiError`` when there is none."""

_RETRY_SECONDS: Final = (1.0, 2.0)  # Lambda waits one minute, then two
_MAX_QUEUED: Final = 1000
_TAIL_BYTES: Final = 4096  # of log in an answer, as Lambda gives it
_ACCEPTED: Final = 202
_NO_CONTENT: Final = 204


class FunctionsService:
    """
    The ``lambda`` service as far as it is not moto's, and asynchronous invocation for the lab's own EventBridge.

    An asynchronous invocation that fails is tried again after each of ``retry_seconds``; then it is counted in ``lost``
    and said. All methods belong to one event loop.
    """

    name = "lambda"
    whole = False

    def __init__(
        self,
        runner: FunctionRunner,
        *,
        say: Callable[[str], None],
        find: Find = find_function,
        retry_seconds: Sequence[float] = _RETRY_SECONDS,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._runner = runner
        self._say = say
        self._find = find
        self._retry_seconds = tuple(retry_seconds)
        self._new_id = new_id
        self._jobs: set[asyncio.Task[None]] = set()
        self.lost = 0
        self.operations: Mapping[str, Operation] = {
            "Invoke": self.invoke,
            "UpdateFunctionConfiguration": update_configuration,
        }

    async def invoke(self, call: Call) -> Document:
        """Invoke a function as its caller asks: wait for the answer, queue the event, or only check."""
        params = call.params
        kind = params.get("InvocationType", "RequestResponse")
        payload = _payload(params.get("Payload"), kind)
        function = self._find(call.account, call.region, params["FunctionName"], params.get("Qualifier"))
        if kind == "DryRun":
            return {"StatusCode": _NO_CONTENT}
        request = Request(self._new_id(), payload, _client_context(params.get("ClientContext")))
        if kind == "Event":
            self._queue(function, request)
            return {"StatusCode": _ACCEPTED}
        outcome = await self._runner.run(function, request)
        answer: dict[str, Any] = {"StatusCode": 200, "Payload": outcome.payload, "ExecutedVersion": function.version}
        if outcome.fault is not None:
            answer["FunctionError"] = "Unhandled"
        if params.get("LogType") == "Tail":
            answer["LogResult"] = base64.b64encode(outcome.log.encode()[-_TAIL_BYTES:]).decode()
        return answer

    async def invoke_event(self, region: str, arn: str, payload: bytes) -> None:
        """
        Queue an asynchronous invocation of the function with this ARN, and return.

        Raises:
            ApiError: Lambda does not accept it: no such function, too large, no JSON, too many queued.
        """
        checked = _payload(payload, "Event")
        account = arn.split(":")[4]
        self._queue(self._find(account, region, arn, None), Request(self._new_id(), checked))

    async def drain(self) -> None:
        """Wait until no asynchronous invocation is queued."""
        while self._jobs:
            await asyncio.gather(*self._jobs, return_exceptions=True)

    async def close(self, *, within: float = 5.0) -> None:
        """Give the queued invocations ``within`` seconds, drop the rest saying so, and end every process."""
        if self._jobs:
            await asyncio.wait(set(self._jobs), timeout=within)
        waiting = set(self._jobs)
        for job in waiting:
            job.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        if waiting:
            self.lost += len(waiting)
            self._say(f"lambda: dropped {len(waiting)} asynchronous invocations that had not ended within {within:g} s")
        await self._runner.close()

    def _queue(self, function: Function, request: Request) -> None:
        if len(self._jobs) >= _MAX_QUEUED:
            raise ApiError(
                "TooManyRequestsException", f"{_MAX_QUEUED} asynchronous invocations are queued.", status=429
            )
        job = asyncio.create_task(self._run_queued(function, request))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _run_queued(self, function: Function, request: Request) -> None:
        """Try, and try again, with the function as it is by then."""
        reason = ""
        for attempt, delay in enumerate((0.0, *self._retry_seconds)):
            await asyncio.sleep(delay)
            try:
                current = (
                    self._find(function.account, function.region, function.name, _qualifier(function))
                    if attempt
                    else function
                )
                fault = (await self._runner.run(current, request)).fault
            except ApiError as error:
                fault = str(error)
            if fault is None:
                return
            reason = fault
        self.lost += 1
        attempts = 1 + len(self._retry_seconds)
        self._say(
            f"lambda: {function.name} failed {attempts} times for {request.request_id}, the event is lost: {reason}"
        )


def _qualifier(function: Function) -> str | None:
    return None if function.version == "$LATEST" else function.version


def _payload(payload: Any, kind: str) -> bytes:
    """Return the payload, ``{}`` for none; refuse one that is too large or no JSON."""
    data: bytes = payload.encode() if isinstance(payload, str) else bytes(payload or b"{}")
    limit = ASYNC_LIMIT_BYTES if kind == "Event" else SYNC_LIMIT_BYTES
    if len(data) > limit:
        message = f"{len(data)} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        raise ApiError("RequestTooLargeException", message, status=413)
    try:
        json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ApiError("InvalidRequestContentException", f"Could not parse request body into json: {error}") from None
    return data


def _client_context(text: str | None) -> str | None:
    """Return the caller's context as JSON on one line."""
    if text is None:
        return None
    try:
        return json.dumps(json.loads(base64.b64decode(text, validate=True)))
    except (binascii.Error, ValueError) as error:
        raise ApiError("InvalidRequestContentException", f"Client context must be base64 of JSON: {error}") from None
