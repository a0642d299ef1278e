"""The log of a process: its own lines, and of the AWS SDK's only what is wrong."""

import logging

_LEAST = {"botocore": logging.WARNING, "urllib3": logging.ERROR}
"""They tell where credentials were found, how each request went and that one is tried again; what fails for good, is
raised."""


def start_log(handler: logging.Handler, *, who: str, level: int = logging.INFO) -> None:
    """Write what this process says of itself, each line after its name."""
    logging.basicConfig(handlers=[handler], format=f"{who}: %(message)s", level=level)
    for name, least in _LEAST.items():
        logging.getLogger(name).setLevel(least)
