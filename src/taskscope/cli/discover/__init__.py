"""Where Prometheus finds exporters: `discover`."""
