"""Python programs as task definitions of one container, for tests of tasks that really run."""

from taskscope.lab.threaded import ThreadedAws


def register(aws: ThreadedAws, family: str, program: str) -> str:
    """Register a Python program whose container ``app`` logs to ``/ecs/FAMILY``; return the definition's ARN."""
    options = {
        "awslogs-group": f"/ecs/{family}",
        "awslogs-region": aws.region,
        "awslogs-create-group": "true",
        "awslogs-stream-prefix": "test",
    }
    definition: str = aws.client("ecs").register_task_definition(
        family=family,
        containerDefinitions=[
            {
                "name": "app",
                "image": "python:3",
                "memory": 256,
                "command": ["python3", "-c", program],
                "logConfiguration": {"logDriver": "awslogs", "options": options},
            }
        ],
    )["taskDefinition"]["taskDefinitionArn"]
    return definition
