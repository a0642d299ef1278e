"""The composition root: the one place that names receivers, sinks and engines, and runs them as processes."""
