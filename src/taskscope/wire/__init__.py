"""Bytes to model and back, pure: xray, otlp, statsd, fluent, emf, eventbridge; and CloudWatch's filter patterns."""
