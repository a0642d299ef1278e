"""A payment service that cannot reach its database: three real attempts, then exit code 1."""

import logging
import os
import socket
import sys
import time

log = logging.getLogger("payments")

ATTEMPTS = 3
PAUSE_SECONDS = 0.3


def connect(host: str, port: int) -> socket.socket:
    """Open a connection to the database; raise ``OSError`` where that fails."""
    return socket.create_connection((host, port), timeout=1)


def main() -> int:
    """Try to connect, log each failure, give up with a traceback in the log."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stdout)
    host, _, port = os.environ["DATABASE_ADDRESS"].partition(":")
    log.info("release 3.8.1 starting")
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with connect(host, int(port)):
                log.info("connected to %s:%s", host, port)
                return 0
        except OSError as error:
            log.warning(
                "attempt %d of %d to connect to the database at %s:%s: %s", attempt, ATTEMPTS, host, port, error
            )
            if attempt == ATTEMPTS:
                log.exception("the database cannot be reached, giving up")
        time.sleep(PAUSE_SECONDS)
    return 1


if __name__ == "__main__":
    sys.exit(main())
