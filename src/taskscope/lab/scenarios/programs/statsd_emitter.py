"""
Counts itself by StatsD: ``statsdTestMetric:1|c`` once a second, to port 8125 of its task.

Each line is printed when it is sent, with its number. Where tasks share a network, PORT_8125 says which port that is.
"""

import itertools
import os
import signal
import socket
import sys
import threading

LINE = b"statsdTestMetric:1|c\n"
PERIOD_SECONDS = 1.0


def main() -> None:
    """Send a line a second until SIGTERM."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopping.set())
    address = ("127.0.0.1", int(os.environ.get("PORT_8125", "8125")))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in itertools.count(1):
            sender.sendto(LINE, address)
            print(f"{LINE.decode().rstrip()} number {number}", flush=True)
            if stopping.wait(PERIOD_SECONDS):
                break
    sys.exit(0)


if __name__ == "__main__":
    main()
