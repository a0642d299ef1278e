"""One execution environment of a function: started cold, kept warm, serving one invocation at a time."""

import asyncio
import hashlib
import platform
import secrets
import shutil
import time
from datetime import UTC
from typing import Any, Final

from taskscope.clock import MILLISECOND, SECOND, Clock, to_datetime
from taskscope.lab.functions import report
from taskscope.lab.functions.code import unpack
from taskscope.lab.functions.function_log import FunctionLog, LogPipe
from taskscope.lab.functions.model import FAULT_EXIT, FAULT_TIMEOUT, Function, Outcome, Request
from taskscope.lab.functions.process import Process
from taskscope.lab.functions.runtime_api import Posted, RuntimeApi
from taskscope.lab.functions.variables import Folders, variables
from taskscope.lab.logs.api import LogWriter

_PYTHON: Final = ".".join(platform.python_version_tuple()[:2])
_DIGEST: Final = hashlib.sha256(platform.python_version().encode()).hexdigest()


class Environment:
    """
    Runs a function's invocations one after another; after a crash or a timeout it is spent and another has to come.

    All methods belong to one event loop.
    """

    def __init__(self, function: Function, folders: Folders, logs: LogWriter, clock: Clock) -> None:
        self.function = function
        self._folders = folders
        self._logs = logs
        self._clock = clock
        self._stream = f"{to_datetime(clock(), UTC):%Y/%m/%d}/[{function.version}]{secrets.token_hex(16)}"
        self._log = FunctionLog(logs, function, self._stream, clock)
        self._api = RuntimeApi()
        self._pipe: LogPipe | None = None
        self._process: Process | None = None
        self._init_ns: int | None = None
        self._init_fault: Posted | None = None

    @property
    def is_usable(self) -> bool:
        """Whether it can serve an invocation."""
        return self._process is not None and self._process.is_running and self._init_fault is None

    async def start(self, *, endpoint: str, within: float) -> None:
        """
        Unpack the code, start the process and wait until it has loaded the handler or failed to; a failure is kept for
        the invocation that waits.

        Raises:
            ApiError: ``InvalidZipFileException``, the code cannot be unpacked.
        """
        await asyncio.to_thread(_lay_out, self.function, self._folders)
        self._log.write(report.init_start(_PYTHON, self.function.region, _DIGEST))
        address = await self._api.start()
        self._pipe = LogPipe(self._log.write)
        began = time.monotonic_ns()
        self._process = await Process.start(
            self.function.handler,
            variables(self.function, self._folders, stream=self._stream, runtime_api=address, endpoint=endpoint),
            folder=self._folders.task,
            output=self._pipe.write_end,
        )
        self._pipe.started()
        self._init_fault = await self._initialized(within)
        self._init_ns = time.monotonic_ns() - began
        self._pipe.drain()
        if self._init_fault is not None:
            await self._process.kill()
            self._pipe.drain()
            fault = self._init_fault.fault or FAULT_EXIT
            status = "timeout" if fault == FAULT_TIMEOUT else "error"
            self._log.write(report.init_report(self._init_ns, status=status, fault=fault))

    async def invoke(self, request: Request) -> Outcome:
        """Run one invocation to its end, whatever the end is, and write its log."""
        self._log.begin()
        self._log.write(report.start(request.request_id, self.function.version))
        began = time.monotonic_ns()
        posted = self._init_fault
        try:
            if posted is None:
                posted = await self._run(request)
        except BaseException:  # the caller gave up, and nobody may meet this half-done invocation
            await self._kill()
            raise
        self._finish(request, posted, time.monotonic_ns() - began)
        return Outcome(posted.body, posted.fault, self._log.text())

    async def close(self) -> None:
        """Kill the process and remove its files."""
        await self._kill()
        if self._pipe is not None:
            self._pipe.close()
        await self._api.close()
        self._api.init_error.cancel()
        await asyncio.to_thread(shutil.rmtree, self._folders.root, ignore_errors=True)

    async def _initialized(self, within: float) -> Posted | None:
        """Wait for the first sign of the runtime; None when it is ready."""
        process = self._running
        ready = asyncio.create_task(self._api.ready.wait())
        try:
            await _first({ready, self._api.init_error, process.exit}, within)
        finally:
            ready.cancel()
        if self._api.ready.is_set():
            return None
        if self._api.init_error.done():
            return self._api.init_error.result()
        if process.exit.done():
            return _fault(FAULT_EXIT, report.exit_reason(process.exit.result()))
        return _fault(FAULT_TIMEOUT, f"Initialization timed out after {within:.2f} seconds")

    async def _run(self, request: Request) -> Posted:
        process = self._running
        process.peak_bytes()
        answer = self._api.submit(request, self._headers(request))
        seconds = self.function.timeout_seconds
        await _first({answer, process.exit}, seconds)
        process.peak_bytes()
        if answer.done():
            self._drain()
            return answer.result()
        name = request.request_id
        if process.exit.done():
            self._drain()
            self._log.write(report.exited(name, process.exit.result()))
            return _fault(FAULT_EXIT, f"RequestId: {name} Error: {report.exit_reason(process.exit.result())}")
        await self._kill()
        self._drain()
        self._log.write(report.timed_out(self._clock(), name, seconds))
        return _fault(FAULT_TIMEOUT, f"RequestId: {name} Error: Task timed out after {seconds:.2f} seconds")

    def _finish(self, request: Request, posted: Posted, duration_ns: int) -> None:
        statuses = {FAULT_TIMEOUT: "timeout", FAULT_EXIT: "error"}
        status = "error" if self._init_fault is not None else statuses.get(posted.fault or "")
        self._log.write(
            report.end(request.request_id),
            report.report(
                request.request_id,
                duration_ns=duration_ns,
                init_ns=self._init_ns if self._init_fault is None else None,
                memory_mib=self.function.memory_mib,
                used_bytes=self._running.peak_bytes(),
                status=status,
                fault=posted.fault if status == "error" else None,
            ),
        )
        self._init_ns = None

    def _headers(self, request: Request) -> dict[str, str]:
        """Return what the Runtime API says about an invocation, under the names of its documentation."""
        now = self._clock()
        deadline = now // MILLISECOND + self.function.timeout_seconds * 1000
        trace = f"Root=1-{now // SECOND:08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0"
        headers = {
            "Lambda-Runtime-Aws-Request-Id": request.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline),
            "Lambda-Runtime-Invoked-Function-Arn": self.function.arn,
            "Lambda-Runtime-Trace-Id": trace,
        }
        if request.client_context is not None:
            headers["Lambda-Runtime-Client-Context"] = request.client_context
        return headers

    @property
    def _running(self) -> Process:
        if self._process is None:
            raise RuntimeError("the environment has not been started")
        return self._process

    def _drain(self) -> None:
        if self._pipe is not None:
            self._pipe.drain()

    async def _kill(self) -> None:
        if self._process is not None:
            await self._process.kill()


async def _first(futures: set[asyncio.Future[Any]], seconds: float) -> None:
    await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


def _fault(fault: str, message: str) -> Posted:
    return Posted(report.fault_document(fault, message), fault)


def _lay_out(function: Function, folders: Folders) -> None:
    unpack(function.code, folders.task)
    for folder in (folders.layers, folders.home, folders.scratch):
        folder.mkdir()
    for layer in function.layers:
        unpack(layer, folders.layers)
