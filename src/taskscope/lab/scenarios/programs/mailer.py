"""A queue worker that hears SIGTERM and goes on: its batch takes far longer than the time it is given to stop."""

import itertools
import logging
import signal
import sys
import time

log = logging.getLogger("mailer")

PAUSE_SECONDS = 0.5
BATCH_SECONDS = 600


def main() -> None:
    """Send mail until the batch is done, whatever is asked."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stdout)
    signal.signal(
        signal.SIGTERM,
        lambda _number, _frame: log.warning("SIGTERM: batch 2211 is not finished, going on until it is"),
    )
    log.info("batch 2211: 1200 newsletters, two a second, about %d minutes", BATCH_SECONDS // 60)
    end = time.monotonic() + BATCH_SECONDS
    for number in itertools.count(1):
        if time.monotonic() >= end:
            break
        log.info("newsletter %d of 1200 sent", number)
        time.sleep(PAUSE_SECONDS)
    log.info("batch 2211 is finished")


if __name__ == "__main__":
    main()
