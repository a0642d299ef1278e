"""A task metadata endpoint that always says the same, for machines that are no ECS task."""
