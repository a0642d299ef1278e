"""A task: `trace`, and `tracer` in the place of fujiwara/tracer."""
