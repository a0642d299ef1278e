"""The ECS control plane: API operations, the life of a task, the service scheduler."""
