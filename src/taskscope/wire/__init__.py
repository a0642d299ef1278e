"""Bytes to model and back, pure: xray, otlp, statsd, fluent, emf, eventbridge; and the filter patterns of CloudWatch Logs."""
