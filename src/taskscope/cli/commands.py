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
    "trace": Command("taskscope.cli.task.trace:trace", "Show the timeline of an ECS task."),
    "traces": Command("taskscope.cli.traces.traces:traces", "List traces, or groups of them."),
    "show": Command("taskscope.cli.traces.show:show", "Show where the time of a request went."),
    "map": Command("taskscope.cli.traces.map:service_map", "Draw who calls whom, how well and how fast."),
    "logs": Command("taskscope.cli.logs.logs:logs", "Show and follow log lines of functions, stacks and tasks."),
    "metrics": Command("taskscope.cli.metrics:metrics", "Plot metrics that apps sent, and list them."),
    "top": Command("taskscope.cli.fleet.top:top", "Show live what runs, and what it uses of its limits."),
    "resources": Command(
        "taskscope.cli.fleet.resources:resources", "List what clusters, services and tasks use on average."
    ),
    "import": Command(
        "taskscope.cli.imports.command:import_", "Bring traces and logs of an account or files into the store."
    ),
    "serve": Command("taskscope.app.commands.serve:serve", "Collect, keep and show telemetry.", extras=("server",)),
    "collect": Command(
        "taskscope.app.commands.collect:collect",
        "Collect and forward without a store: a sidecar.",
        extras=("collect",),
    ),
    "exporter": Command(
        "taskscope.exporter.command:exporter", "Export container metrics to Prometheus.", extras=("exporter",)
    ),
    "mock-metadata": Command(
        "taskscope.exporter.mock.command:mock_metadata", "Answer as a task metadata endpoint does, with made-up data."
    ),
    "inject": Command("taskscope.cli.sidecar.inject:inject", "Add the sidecar to a task definition."),
    "enable": Command(
        "taskscope.cli.account.enable:enable", "Switch on Container Insights or active tracing; asks first."
    ),
    "cost": Command("taskscope.cli.account.cost:cost", "Predict what sending to CloudWatch costs."),
    "discover": Command(
        "taskscope.cli.discover.command:discover", "Find the exporters of running tasks for Prometheus."
    ),
    "healthcheck": Command("taskscope.cli.sidecar.healthcheck:healthcheck", "Say whether the collector is well."),
    "store": Command("taskscope.app.commands.store:store", "Ask and tend the store.", extras=("server",)),
    "config": Command("taskscope.app.commands.config:config", "Show and check settings.", extras=("collect",)),
    "lab": Command(
        "taskscope.lab.commands:lab", "Run an embedded AWS and real tasks on this machine.", extras=("lab",)
    ),
    "lambda": Command("taskscope.cli.function.package:lambda_group", "Build the Lambda function's archive."),
    "iam-policy": Command(
        "taskscope.cli.account.iam_policy:iam_policy", "Print the IAM permissions that a feature needs."
    ),
    "completion": Command("taskscope.cli.completion:completion", "Print the completion script of a shell."),
}
