"""
The entry of a process that was started by another: ``python -m taskscope.app.processes.worker``.

Its plan is the first line of stdin; when stdin ends, so does the process, after what it has under way. So it never
outlives the one that started it. It says ``ready`` on stdout.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import Final

from taskscope.app.processes.context import Context
from taskscope.app.processes.folders import Folders
from taskscope.app.processes.log import start_log
from taskscope.app.processes.plan import Plan
from taskscope.counters import Counters
from taskscope.errors import TaskscopeError

DATAGRAM_ROLES = frozenset({"datagrams"})
_STORE_NICENESS = 5
"""Where cores are short, who receives comes first: what is not stored yet waits, a datagram without room is lost."""

_ARROW_MEMORY: Final = ("ARROW_DEFAULT_MEMORY_POOL", "system")
"""
Before Arrow is loaded. Its own pool gives the memory of each batch back and gets it cleared anew: the store's process
took 15 to 33 us of kernel time a datagram so, 10 to 13 with the C library's.
"""


def main() -> None:
    """Read the plan and carry it out."""
    # Ctrl-C reaches the whole group; only the one that started this process decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    line = sys.stdin.readline()
    if not line:  # the one that started this process has ended before it could say what for
        return
    plan = Plan.load(line)
    start_log(logging.StreamHandler(sys.stderr), who=f"taskscope {plan.name}")
    if "store" in plan.roles:
        os.nice(_STORE_NICENESS)
        os.environ.setdefault(*_ARROW_MEMORY)
    try:
        with Counters(Folders(plan.path).counters / plan.name) as counters:
            run(Context.of(plan, counters), _say_ready, _wait_for_end)
    except TaskscopeError as error:
        print(f"taskscope {plan.name}: {error}", file=sys.stderr)  # noqa: T201 (before and after all logging)
        sys.exit(error.exit_code)


def run(context: Context, ready: Callable[[], None], wait: Callable[[], None]) -> None:
    """Carry out the roles of a plan until ``wait`` returns."""
    if DATAGRAM_ROLES.issuperset(context.plan.roles):
        from taskscope.app.roles.datagrams import run_datagrams  # noqa: PLC0415 (no asyncio where nobody uses it)

        run_datagrams(context, ready, wait)
    else:
        from taskscope.app.processes.event_loop import run_roles  # noqa: PLC0415 (likewise)

        run_roles(context, ready, wait)


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def _wait_for_end() -> None:
    sys.stdin.read()


if __name__ == "__main__":
    main()
