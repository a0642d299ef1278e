"""Signals that were ignored when the lab began."""

import signal
import subprocess
import sys

PROGRAM = """
import os, signal, subprocess, sys
from taskscope.lab.signals import take_signals
print([number.name for number in take_signals()], flush=True)
os.kill(os.getpid(), signal.SIGHUP)
print("alive", flush=True)
print(subprocess.run(["sh", "-c", "kill -QUIT $$; echo survived"], capture_output=True, text=True))
"""


def test_a_child_has_every_signal_at_its_default_and_nohup_is_respected() -> None:
    """As of a lab that a script starts with nohup and an ampersand."""
    ignoring = ["sh", "-c", 'trap "" HUP QUIT INT; exec "$@"', "sh", sys.executable, "-c", PROGRAM]

    lines = subprocess.run(ignoring, capture_output=True, text=True, check=True).stdout.splitlines()

    assert lines[:2] == ["['SIGINT', 'SIGTERM']", "alive"]
    assert f"returncode={-signal.SIGQUIT}" in lines[2]
    assert "survived" not in lines[2].partition("returncode")[2]
