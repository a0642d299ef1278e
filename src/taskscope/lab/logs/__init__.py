"""CloudWatch Logs as AWS behaves: groups, streams, events, filter patterns, live tail."""
