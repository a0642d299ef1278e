"""Fluent forward messages and the FireLens records inside them: log records."""
