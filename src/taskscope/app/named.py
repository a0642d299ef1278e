"""Things that are named as text, ``module:attribute``, and loaded when they are needed."""

from importlib import import_module
from typing import Any


def load_named(name: str) -> Any:
    """Return what a name stands for."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
