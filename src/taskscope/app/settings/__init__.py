"""Settings of the server and the sidecar, where each came from, and what they mean for sinks and signals."""
