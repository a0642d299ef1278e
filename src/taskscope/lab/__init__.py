"""Embedded AWS, local ECS runner, sample workloads: a development tool, on loopback and its own bridge only."""
