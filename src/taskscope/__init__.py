"""The flight recorder for Amazon ECS tasks and Lambda functions."""

__version__ = "0.1.0"
