"""The ECS agent of this machine: containers as local processes, their network, limits, health, logs and metadata."""
