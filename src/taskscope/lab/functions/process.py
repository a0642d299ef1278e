"""The process of one execution environment: the runtime client with the function's code, alone with its packages."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

# -S and -P: no site-packages and no working folder on the path, so only what PYTHONPATH names and the standard library.
# -B and -u are not needed: the runtime client flushes, and PYTHONDONTWRITEBYTECODE is set.
_COMMAND = (sys.executable, "-S", "-P", "-m", "awslambdaric")


class Process:
    """A running runtime client, at the head of a process group of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._peak = 0
        self.exit: asyncio.Task[int] = asyncio.create_task(self._watch())
        """Ends with the exit code, negative for a signal, when the process and its children have ended."""

    @classmethod
    async def start(cls, handler: str, variables: Mapping[str, str], *, folder: Path, output: int) -> "Process":
        """Start the runtime client for ``handler``; everything it says goes to the file descriptor ``output``."""
        process = await asyncio.create_subprocess_exec(
            *_COMMAND,
            handler,
            env={**variables, "_LAMBDA_TELEMETRY_LOG_FD": str(output)},
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(output,),
            start_new_session=True,
        )
        return cls(process)

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return not self.exit.done()

    def peak_bytes(self) -> int:
        """Return the most memory that the process has held at once, as far as seen before it ended."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return self._peak
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                self._peak = max(self._peak, int(line.split()[1]) * 1024)
        return self._peak

    async def kill(self) -> None:
        """Kill the process with all its children, and wait for its end."""
        if self.is_running:
            self._kill_group()
        await asyncio.wait({self.exit})

    async def _watch(self) -> int:
        code = await self._process.wait()
        self._kill_group()  # at once: later the number of the group may be another's
        return code

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
