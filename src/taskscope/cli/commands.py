"""
The command table: each command is named as text, so that ``--help`` imports none of them.

The name after the colon is a click command of that module.
"""

from typing import Final, NamedTuple


class Command(NamedTuple):
    """
    Where a command lives, what ``--help`` says of it, and the extras that it needs.

    A named tuple, because nothing else on the way to ``--help`` loads dataclasses (1.5 ms).
    """

    target: str
    summary: str
    extras: tuple[str, ...] = ()


COMMANDS: Final = {
    "trace": Command("taskscope.cli.trace:trace", "Show the timeline of an ECS task."),
    "lab": Command(
        "taskscope.lab.commands:lab", "Run an embedded AWS and real tasks on this machine.", extras=("lab",)
    ),
    "lambda": Command("taskscope.cli.lambda_package:lambda_group", "Build the Lambda function's archive."),
    "iam-policy": Command("taskscope.cli.iam_policy:iam_policy", "Print the IAM permissions that a feature needs."),
    "completion": Command("taskscope.cli.completion:completion", "Print the completion script of a shell."),
}
