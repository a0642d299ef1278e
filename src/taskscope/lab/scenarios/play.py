"""Playing a scenario against a running lab, by API only, until its ending is seen."""

import time
from dataclasses import dataclass, field
from typing import Any, Final

from taskscope.errors import TaskscopeError
from taskscope.lab.client.connection import Lab, plain_errors
from taskscope.lab.client.launch import Launcher
from taskscope.lab.client.watch import Say, Watcher, is_steady, task_id, until
from taskscope.lab.scenarios.ending import fits, unmet
from taskscope.lab.scenarios.function import group_of, has_written, install_function
from taskscope.lab.scenarios.scenario import Document, Scenario, Step

AT_MOST_SECONDS: Final = 60.0
"""No step and no ending takes this long on a machine that is not overloaded."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scenario came to: its tasks, oldest first, its service, and what was expected and did not come."""

    tasks: list[Document]
    service: Document | None
    missing: list[str]
    notes: list[str]
    commands: tuple[str, ...] = ()
    """Command lines that show more than the timelines of the tasks."""


def play(scenario: Scenario, lab: Lab, say: Say, *, keep: bool = False, wait: bool = True) -> Outcome:
    """
    Do a scenario's steps and wait for its ending; a service that fails for ever is then scaled to 0.

    Args:
        scenario: What to play.
        lab: Where.
        say: Takes progress.
        keep: Leave every service running.
        wait: Wait for the ending; otherwise everything is left running.

    Raises:
        TaskscopeError: The lab refused a call, or a step did not come to what the next one needs.
        UnreachableError: The lab went away.
    """
    if scenario.function:
        install_function(lab, scenario.function, say)
    performance = _Performance(scenario, Launcher.prepare(lab, scenario.cluster, say))
    with plain_errors(lab.url):
        for step in scenario.steps:
            performance.do(step)
        if not wait:
            return performance.outcome([])
        missing = performance.wait_for_ending()
        if not (keep or scenario.keeps_running):
            performance.scale_in()
        return performance.outcome(missing)


@dataclass(slots=True)
class _Performance:
    """One run of a scenario: what it has registered and started so far."""

    scenario: Scenario
    launcher: Launcher
    definitions: list[Document] = field(default_factory=list)
    arns: list[str] = field(default_factory=list)
    service_name: str = ""
    watcher: Watcher = field(init=False)

    def __post_init__(self) -> None:
        self.watcher = Watcher(self.launcher.ecs, self.launcher.cluster, self.launcher.say)

    @property
    def ecs(self) -> Any:
        return self.launcher.ecs

    def do(self, step: Step) -> None:
        if step.do == "stop-task":
            self._stop(step)
            return
        definition = self.launcher.register(self.scenario.definitions[step.definition])
        self.definitions.append(definition)
        if step.do == "run-task":
            self.arns += self.launcher.run_tasks(definition, step.count)
        else:
            self._put_service(step, definition)
        if step.until and not until(lambda: self._has_come_to(step.until), at_most=AT_MOST_SECONDS):
            raise TaskscopeError(f"{step.name} was not {step.until} within {AT_MOST_SECONDS:.0f} s")

    def wait_for_ending(self) -> list[str]:
        missing: list[str] = []

        def ended() -> bool:
            tasks, service = self.seen()
            missing[:] = unmet(
                self.scenario.ending,
                tasks=tasks,
                service=service,
                first_definition=self.definitions[0]["taskDefinitionArn"],
            )
            return not missing

        until(ended, at_most=AT_MOST_SECONDS)
        if not missing and self.scenario.function:
            missing += self._wait_for_function()
        return missing

    def _wait_for_function(self) -> list[str]:
        """Wait until the function has written about the first task that ended as expected."""
        lab, name = self.launcher.lab, self.scenario.function
        task = next(task_id(task["taskArn"]) for task in self.seen()[0] if fits(self.scenario.ending, task))
        if until(lambda: has_written(lab, name, task), at_most=AT_MOST_SECONDS):
            self.launcher.say(f"function {name} has written the timeline of task {task} to {group_of(name)}")
            return []
        return [f"output of function {name} in {group_of(name)}"]

    def scale_in(self) -> None:
        self.ecs.update_service(cluster=self.launcher.cluster, service=self.service_name, desiredCount=0)
        self.launcher.say(f"service {self.service_name} scaled to 0, because it would fail for ever; --keep leaves it")
        until(lambda: all(task["lastStatus"] == "STOPPED" for task in self.seen()[0]), at_most=AT_MOST_SECONDS)

    def seen(self) -> tuple[list[Document], Document | None]:
        if not self.service_name:
            return self.watcher.tasks(self.arns), None
        service = self.watcher.service(self.service_name)
        return self.watcher.tasks_of(service), service

    def outcome(self, missing: list[str]) -> Outcome:
        tasks, service = self.seen()
        codes = {
            item.get("exitCode") for task in tasks if fits(self.scenario.ending, task) for item in task["containers"]
        }
        notes = [text for code, text in self.scenario.notes.items() if code in codes]
        return Outcome(tasks, service, missing, notes)

    def _put_service(self, step: Step, definition: Document) -> None:
        """Create the service anew for the first step, so that a second run shows the same as the first."""
        if not self.service_name:
            self._delete_service(step.name)
        self.service_name = step.name
        self.launcher.put_service(step.name, definition, step.count, step.settings)

    def _delete_service(self, name: str) -> None:
        found = self.ecs.describe_services(cluster=self.launcher.cluster, services=[name])["services"]
        if not any(item["status"] == "ACTIVE" for item in found):
            return
        self.ecs.delete_service(cluster=self.launcher.cluster, service=name, force=True)
        self.launcher.say(f"service {name} of an earlier run deleted")
        until(lambda: not self._is_there(name), at_most=AT_MOST_SECONDS)

    def _is_there(self, name: str) -> bool:
        """Tell whether a service is active or still drains its tasks."""
        found = self.ecs.describe_services(cluster=self.launcher.cluster, services=[name])["services"]
        return any(item["status"] != "INACTIVE" for item in found)

    def _stop(self, step: Step) -> None:
        time.sleep(step.after_seconds)
        for arn in self.arns:
            self.ecs.stop_task(cluster=self.launcher.cluster, task=arn, reason=step.reason)

    def _has_come_to(self, condition: str) -> bool:
        tasks, service = self.seen()
        if condition == "steady":
            return service is not None and is_steady(service)
        return bool(tasks) and all(task["lastStatus"] == "RUNNING" for task in tasks)
