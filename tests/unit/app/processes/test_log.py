"""The log of a process."""

import logging
from collections.abc import Iterator

import pytest

from taskscope.app.processes.log import start_log


@pytest.fixture(autouse=True)
def levels() -> Iterator[None]:
    """Put the libraries' levels back."""
    loggers = [logging.getLogger(name) for name in ("botocore", "urllib3")]
    before = [each.level for each in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def test_log_is_of_this_process_not_of_its_libraries() -> None:
    """What the AWS SDK says below a warning is left out, at every level."""
    start_log(logging.NullHandler(), who="test", level=logging.DEBUG)

    assert not logging.getLogger("botocore.credentials").isEnabledFor(logging.INFO)
    assert logging.getLogger("botocore.credentials").isEnabledFor(logging.WARNING)
