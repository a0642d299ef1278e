"""An agent that runs nothing: for a lab that only holds recorded states, or is driven by calls alone."""

from taskscope.lab.ecs.agent import Assignment, Report


class IdleAgent:
    """Ends each task at once, saying why."""

    async def run(self, assignment: Assignment, report: Report) -> None:
        """Refuse to start the task."""
        for container in assignment.task["containers"]:
            report.container(container["name"], lastStatus="STOPPED")
        report.stopping("TaskFailedToStart", "AGENT: this embedded AWS was started without a runner")

    def stop(self, task_arn: str) -> None:
        """Stop nothing: no task runs."""
