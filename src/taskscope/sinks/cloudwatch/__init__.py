"""Logs to CloudWatch Logs (`logs`), and metrics as EMF through the same writer (`emf`)."""
