"""
``make demo``: an embedded AWS, a service whose task dies of memory, and the timeline that tells it.

Everything here is a command that a user can type. With ``--keep`` the embedded AWS stays, with the lines to use it.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TASKSCOPE = [sys.executable, "-m", "taskscope"]


def say(text: str) -> None:
    """Show a command or a remark, set off from what commands print."""
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    print(f"\n\x1b[1m{text}\x1b[0m" if color else f"\n{text}", flush=True)


@contextmanager
def embedded_aws(*, keep: bool) -> Iterator[dict[str, str]]:
    """Run ``taskscope lab up`` on a free port; give the variables that it prints."""
    with tempfile.TemporaryDirectory() as folder:
        exports, log = Path(folder, "exports"), Path(folder, "log")
        with exports.open("w") as out, log.open("w") as err:
            process = subprocess.Popen(
                [*TASKSCOPE, "lab", "up", "--port", "0"], stdout=out, stderr=err, start_new_session=True
            )
        try:
            wait_until_ready(process, log)
            lines = exports.read_text().splitlines()
            print(log.read_text(), end="", flush=True)
            yield dict(line.removeprefix("export ").split("=", 1) for line in lines)
            if keep:
                path = f'export PATH="{Path(sys.executable).parent}:$PATH"'
                say("The embedded AWS stays. To use it:")
                print("\n".join(["", path, *lines, "", "taskscope trace shop", "", f"To stop it: kill {process.pid}"]))
        except BaseException:
            keep = False
            raise
        finally:
            if not keep:
                process.send_signal(signal.SIGTERM)
                process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the line that says so; a lab that ends before it has said why."""
    while "ready" not in log.read_text():
        if process.poll() is not None:
            raise SystemExit(f"the embedded AWS did not start:\n{log.read_text()}")
        time.sleep(0.1)


def command(arguments: list[str], environment: dict[str, str]) -> str:
    """Run a taskscope command, show it and what it says, and return what it prints."""
    say(f"$ taskscope {' '.join(arguments)}")
    done = subprocess.run([*TASKSCOPE, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, end="", flush=True)
    if done.returncode:
        raise SystemExit(f"taskscope {' '.join(arguments)} ended with exit code {done.returncode}")
    return done.stdout


def main() -> None:
    """Run the demo."""
    say("$ taskscope lab up")
    with embedded_aws(keep="--keep" in sys.argv) as variables:
        environment = {**os.environ, **variables}
        told = command(["lab", "scenario", "out-of-memory"], environment)
        trace = next(line.split()[1:] for line in told.splitlines() if line.startswith("taskscope trace"))
        timeline = command(trace, environment)
        ending = next(line for line in reversed(timeline.splitlines()) if "exit code" in line)
        if "OutOfMemoryError" in ending:
            say(f"It is said at the end of the task: {ending.partition(chr(9))[2]}")
        else:
            say("No memory limit can be set on this machine, so the container ended with an error of its own.")


if __name__ == "__main__":
    main()
