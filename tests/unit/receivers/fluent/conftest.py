"""A certificate for the tests of TLS."""

from tests.unit.receivers.otlp.conftest import certificate

__all__ = ["certificate"]
