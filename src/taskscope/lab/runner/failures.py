"""Why a container or a task cannot start, in the wording of the ECS agent (spec/ecs-task-lifecycle.md, section 4)."""


class StartFailure(Exception):  # noqa: N818  # ECS speaks of failures; it never leaves the runner as an error
    """
    A container that cannot start. ``reason`` is what DescribeTasks shows of the container,
    ``task_reason`` what it shows of the task.
    """

    def __init__(self, reason: str, *, task_reason: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.task_reason = task_reason or reason


class ImagePullFailure(StartFailure):
    """The registry does not give the image."""


def cannot_start(detail: str) -> StartFailure:
    """Return the failure of a container whose process cannot be started, as the Docker daemon words it."""
    return StartFailure(
        "CannotStartContainerError: Error response from daemon: failed to create task for container: "
        f"failed to create shim task: OCI runtime create failed: runc create failed: {detail}"
    )


def resource_initialization(detail: str) -> StartFailure:
    """Return the failure of a task whose secrets, files or log destination cannot be had."""
    return StartFailure(f"ResourceInitializationError: {detail}")
