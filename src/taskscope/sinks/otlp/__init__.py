"""Spans, logs and metrics to any OTLP endpoint over HTTP, AWS's own among them."""
