"""Where Prometheus finds the exporters of running tasks, and why it cannot reach the others."""
