"""Telemetry of the past: `import`."""
