"""Workloads that go right or wrong in a known way, and the small programs they run."""
