"""What telemetry is: frozen dataclasses, by the standard library alone."""
