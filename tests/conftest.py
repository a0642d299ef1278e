"""What tests of every part may use: an embedded AWS on a free port of loopback."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TypeAlias

import pytest
from hypothesis import settings

from taskscope.lab import threaded
from taskscope.lab.threaded import ThreadedAws

StartAws: TypeAlias = Callable[..., ThreadedAws]

# No deadline: machines are noisy. Where a red run stops others, properties are tried with the same examples each time;
# at the desk with new ones, and with many by `pytest --hypothesis-profile=search`.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture
def embedded_aws() -> Iterator[StartAws]:
    """
    Give a factory ``embedded_aws(**settings) -> ThreadedAws`` with ``EmbeddedAws``'s settings; each one ends with the
    test. ``runner=False`` starts fastest: for tests that run no task.
    """
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(threaded.embedded_aws(**settings))


@pytest.fixture(scope="session")
def aws() -> Iterator[ThreadedAws]:
    """
    Give the embedded AWS that all tests of the session share, with a runner. Tests use names of their own for clusters,
    services, log groups and functions in it.
    """
    with threaded.embedded_aws() as shared:
        yield shared
