"""CloudWatch's Embedded Metric Format: datapoints as JSON log events that CloudWatch turns into metrics."""
