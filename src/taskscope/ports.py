"""Default port numbers, all in one place. Everything binds 127.0.0.1 unless told otherwise."""

from typing import Final

LAB: Final = 5275
"""The embedded AWS: one port for every service."""
