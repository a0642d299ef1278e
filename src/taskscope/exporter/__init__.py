"""The Prometheus exporter: container metrics of the own task, from the task metadata endpoint, over HTTP."""
