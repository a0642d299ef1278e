"""One container: its process from start to end, with restarts, health checks and logs."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from typing import Any, Final

from taskscope.clock import SECOND
from taskscope.lab.runner.command import Launch, find_program
from taskscope.lab.runner.dependencies import Progress
from taskscope.lab.runner.failures import cannot_start
from taskscope.lab.runner.health import Judge, health_check, run_check
from taskscope.lab.runner.kit import Kit
from taskscope.lab.runner.output import Output
from taskscope.lab.runner.processes import kill_all, signal_group
from taskscope.lab.runner.restart import RestartPolicy, restart_policy
from taskscope.lab.runner.state import ContainerState, Health

OOM_REASON: Final = "OutOfMemoryError: Container killed due to memory usage"


class ContainerRun:
    """
    Runs one container. ``changed`` is called after each change that others may wait for;
    ``tell`` reports members of the container to the control plane.
    """

    def __init__(
        self, state: ContainerState, kit: Kit, *, tell: Callable[..., None], changed: Callable[[], None]
    ) -> None:
        self.state = state
        self._kit = kit
        self._tell = tell
        self._changed = changed
        self._policy = restart_policy(state.definition, time_scale=kit.time_scale)
        self._check = health_check(state.definition, time_scale=kit.time_scale)
        self._stopping = False
        self._oom_kills_before = 0
        self.ended = asyncio.Event()
        state.restarts = 0 if self._policy else None
        state.health = Health() if self._check else None

    @property
    def is_essential(self) -> bool:
        """Whether the task ends with this container; ECS takes yes where nothing is said."""
        return bool(self.state.definition.get("essential", True))

    @property
    def progress(self) -> Progress:
        """How far it has come, for those that wait for it."""
        state = self.state
        return Progress(
            started=state.started_ns is not None,
            ended=self.ended.is_set(),
            exit_code=state.exit_code,
            healthy=state.health is not None and state.health.status == "HEALTHY",
        )

    async def run(self, line: Sequence[str], launch: Launch) -> None:
        """
        Start the command and stay until it has ended for good and its last log line has been handed over.

        Raises:
            StartFailure: The command cannot be started.
        """
        find_program(line[0], path=launch.environment["PATH"], folder=launch.folder)
        output = Output(writer=self._kit.logs, to=self.state.destination, clock=self._kit.clock)
        try:
            code = await self._attempt(line, launch, output)
            while self._policy and not self._stopping and self._may_restart(self._policy, code):
                self.state.restarts = (self.state.restarts or 0) + 1
                code = await self._attempt(line, launch, output)
        finally:
            refused = await asyncio.shield(output.close())
        if refused:
            self._kit.say(
                f"{self.state.name}: {refused} log lines could not be delivered, their group or stream is gone"
            )
        if output.dropped_bytes:
            driver = (self.state.definition.get("logConfiguration") or {}).get("logDriver", "none")
            self._kit.say(f"{self.state.name}: {output.dropped_bytes} bytes of output dropped, log driver {driver}")
        self.finish(code, self._oom_reason(code))

    def finish(self, code: int | None, reason: str | None) -> None:
        """Report the end, once: an exit code if it has run, a reason if there is one."""
        if self.ended.is_set():
            return
        state = self.state
        state.status = state.desired = "STOPPED"
        state.exit_code = code
        state.finished_ns = self._kit.clock()
        changes: dict[str, Any] = {"lastStatus": "STOPPED"}
        if code is not None:
            changes["exitCode"] = code
        if reason:
            changes["reason"] = reason
        self._tell(state.name, **changes)
        self.ended.set()
        self._changed()

    async def stop(self) -> None:
        """SIGTERM to the process group, SIGKILL after ``stopTimeout``; returns when it has ended."""
        self._stopping = True
        self.state.desired = "STOPPED"
        if self.state.pid is not None:
            signal_group(self.state.pid, signal.SIGTERM)
        timeout = self.state.definition.get("stopTimeout")
        seconds = (30 if timeout is None else timeout) * self._kit.time_scale
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ended.wait()
                return
        self._kill()
        await self.ended.wait()

    async def _attempt(self, line: Sequence[str], launch: Launch, output: Output) -> int:
        """Run the command once; return its exit code."""
        pipe = output.open_pipe()
        self._oom_kills_before = self.state.group.oom_kills() if self.state.group else 0
        try:
            process = await self._spawn(line, launch, pipe.write_end)
        except BaseException:
            pipe.forked()
            pipe.abandon()
            raise
        pipe.forked()
        self.state.pid = process.pid
        self._started()
        if self._stopping:
            signal_group(process.pid, signal.SIGTERM)
        health = asyncio.create_task(self._watch_health(launch)) if self._check else None
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            self._kill()
            await asyncio.shield(process.wait())
            raise
        finally:
            await _cancel(health)
            ended = await asyncio.shield(pipe.end(self._kill))
            self.state.pid = None
            if not ended:
                self._kit.say(f"{self.state.name}: a process outside the container holds its output open; it was left")
        return code if code >= 0 else 128 - code

    async def _spawn(self, line: Sequence[str], launch: Launch, write_end: int) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *launch.wrap(line),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                env=launch.environment,
                cwd=launch.folder,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:  # ValueError: a NUL byte, or a name of a variable with "="
            text = getattr(error, "strerror", None) or str(error)
            raise cannot_start(
                f'unable to start container process: exec: "{line[0]}": {text.lower()}: unknown'
            ) from error

    def _started(self) -> None:
        state = self.state
        state.started_ns = self._kit.clock()
        if state.status != "RUNNING":
            state.status = "RUNNING"
            changes: dict[str, Any] = {"lastStatus": "RUNNING"}
            if state.health:
                changes["healthStatus"] = "UNKNOWN"
            self._tell(state.name, **changes)
        self._changed()

    async def _watch_health(self, launch: Launch) -> None:
        """Ask every interval; report each new status."""
        if self._check is None:
            return
        judge = Judge(self._check)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while True:
            await asyncio.sleep(self._check.interval)
            age = loop.time() - begun
            outcome = await run_check(self._check, launch)
            status = judge.judge(outcome.exit_code, age=age)
            was = self.state.health
            since = was.since_ns if was and was.status == status else self._kit.clock()
            self.state.health = Health(status, since, outcome.exit_code, outcome.output)
            if was is None or was.status != status:
                self._tell(self.state.name, healthStatus=status)
                self._changed()

    def _may_restart(self, policy: RestartPolicy, code: int) -> bool:
        ran_ns = self._kit.clock() - (self.state.started_ns or 0)
        return policy.allows(code, ran_seconds=ran_ns / SECOND)

    def _oom_reason(self, code: int) -> str | None:
        """Only the kernel's own counter, since the last start, tells an OOM kill from any other SIGKILL."""
        group = self.state.group
        return OOM_REASON if code and group and group.oom_kills() > self._oom_kills_before else None

    def _kill(self) -> None:
        if self.state.pid is not None:
            kill_all(self.state.pid, group=self.state.group, token=self.state.token)


async def _cancel(job: "asyncio.Task[None] | None") -> None:
    if job:
        job.cancel()
        await asyncio.wait([job])
