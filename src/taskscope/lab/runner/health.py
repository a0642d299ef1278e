"""Health checks of containers (ECS API, HealthCheck): commands that are run again and again beside the container."""

import asyncio
import contextlib
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from taskscope.lab.runner.command import Launch
from taskscope.lab.runner.processes import signal_group

MAX_OUTPUT_BYTES: Final = 4_096
_TIMED_OUT: Final = -1


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """When and how to ask a container for its health. Times in seconds."""

    command: list[str]
    interval: float
    timeout: float
    retries: int
    start_period: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of the command said."""

    exit_code: int
    output: str


@dataclass(slots=True)
class Judge:
    """Docker's rule: one success is HEALTHY, ``retries`` failures in a row after the start period UNHEALTHY. Pure."""

    check: HealthCheck
    status: str = "UNKNOWN"
    failures: int = 0

    def judge(self, exit_code: int, *, age: float) -> str:
        """Take the result of a run that began ``age`` seconds after the container; return the status after it."""
        if exit_code == 0:
            self.status, self.failures = "HEALTHY", 0
        elif self.status != "UNKNOWN" or age >= self.check.start_period:
            self.failures += 1
            if self.failures >= self.check.retries:
                self.status = "UNHEALTHY"
        return self.status


def health_check(definition: Mapping[str, Any], *, time_scale: float) -> HealthCheck | None:
    """Read a container definition's health check; None when it has none or switches it off."""
    given = definition.get("healthCheck") or {}
    kind, *rest = given.get("command") or ["NONE"]
    if kind == "NONE":
        return None
    command = (
        ["/bin/sh", "-c", " ".join(rest)] if kind == "CMD-SHELL" else list(rest if kind == "CMD" else [kind, *rest])
    )
    return HealthCheck(
        command=command,
        interval=(given.get("interval") or 30) * time_scale,
        timeout=(given.get("timeout") or 5) * time_scale,
        retries=given.get("retries") or 3,
        start_period=(given.get("startPeriod") or 0) * time_scale,
    )


async def run_check(check: HealthCheck, launch: Launch) -> Outcome:
    """Run the command once; whoever runs longer than the timeout is killed and has failed."""
    try:
        process = await asyncio.create_subprocess_exec(
            *launch.wrap(check.command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=launch.environment,
            cwd=launch.folder,
            start_new_session=True,
        )
    except OSError as error:
        return Outcome(126, str(error))
    try:
        async with asyncio.timeout(check.timeout):
            output, _ = await process.communicate()
    except TimeoutError:
        return Outcome(_TIMED_OUT, f"Health check exceeded timeout ({check.timeout:g}s)")
    finally:
        signal_group(process.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            await asyncio.shield(process.wait())
    return Outcome(process.returncode or 0, output[:MAX_OUTPUT_BYTES].decode("utf-8", "replace"))
