"""
A recommendation service that loads its model without bound: it grows until the memory limit ends it.

Where no limit holds, it ends itself with exit code 1 after LOAD_AT_MOST_MIB, so that it never harms the machine.
"""

import logging
import os
import sys
import time

log = logging.getLogger("recommendations")

MIB = 1024 * 1024
SHARD_MIB = 8
PAUSE_SECONDS = 0.15


def main() -> int:
    """Load shard after shard; every page is written, so that it is resident."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stdout)
    at_most = int(os.environ["LOAD_AT_MOST_MIB"])
    log.info("loading the purchase history into memory")
    shards: list[bytearray] = []
    while len(shards) * SHARD_MIB < at_most:
        shards.append(bytearray(os.urandom(4096) * (SHARD_MIB * MIB // 4096)))
        log.info("shard %d loaded, %d MiB in memory", len(shards), len(shards) * SHARD_MIB)
        if len(shards) % 4 == 0:
            log.warning("purchase history has no end date: loading all years (see RECO-218)")
        time.sleep(PAUSE_SECONDS)
    log.error("MemoryError: %d MiB loaded and no memory limit has stopped it, giving up", at_most)
    return 1


if __name__ == "__main__":
    sys.exit(main())
