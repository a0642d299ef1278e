"""The machine under tasks, as EC2 and Systems Manager know it."""
