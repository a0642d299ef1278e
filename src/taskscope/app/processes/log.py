"""The log of a process: its own lines, and of the AWS SDK's only what is wrong."""

import logging

_TALKATIVE = ("botocore", "urllib3")
"""They tell where credentials were found and how each request went, which says nothing of the collector."""


def start_log(handler: logging.Handler, *, who: str, level: int = logging.INFO) -> None:
    """Write what this process says of itself, each line after its name."""
    logging.basicConfig(handlers=[handler], format=f"{who}: %(message)s", level=level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
