"""What a container gets before it starts: ports, log destination, control group, environment, command line."""

import os
import shutil
from pathlib import Path
from typing import Final

from taskscope.lab.runner.awslogs import destination, open_destination
from taskscope.lab.runner.cgroup import Group, Request
from taskscope.lab.runner.command import Launch, command_line, find_user, working_folder
from taskscope.lab.runner.environment import (
    agent_environment,
    definition_environment,
    machine_environment,
    shared_port_environment,
)
from taskscope.lab.runner.failures import StartFailure
from taskscope.lab.runner.kit import Kit
from taskscope.lab.runner.ports import own_bindings
from taskscope.lab.runner.state import ContainerState, TaskState

_MIB: Final = 1_048_576
_WITHOUT_EFFECT: Final = (
    "mountPoints",
    "volumesFrom",
    "ulimits",
    "linuxParameters",
    "resourceRequirements",
    "readonlyRootFilesystem",
    "dnsServers",
    "extraHosts",
    "systemControls",
    "firelensConfiguration",
)
"""Members of a container definition that need an image or a container runtime."""


def prepare(kit: Kit, task: TaskState, container: ContainerState) -> tuple[list[str], Launch]:
    """
    Make everything that the container needs and return what is to be run, and how.

    Raises:
        StartFailure: Something cannot be had.
    """
    definition = container.definition
    container.created_ns = kit.clock()
    image = definition.get("image", "")
    line = command_line(definition, kit.images.command(image), kit.images.entry_point(image))
    folder = working_folder(definition, kit.folder)
    _bind_ports(kit, task)
    environment = _environment(kit, task, container)
    to = destination(definition, task_id=task.assignment.task_id, runtime_id=container.runtime_id)
    if to:
        open_destination(kit.logs, to)
    container.destination = to
    container.group = _group(kit, task, container)
    _say_what_has_no_effect(kit, container, limited=kit.limits.enforces_memory)
    launch = Launch(
        environment=environment,
        folder=folder,
        namespace=task.attachment.namespace if task.attachment else None,
        procs=container.group.procs if container.group else (),
        user=_user(kit, container),
    )
    return line, launch


def _bind_ports(kit: Kit, task: TaskState) -> None:
    """Give all containers of a task their ports at once: each one is told the others' too."""
    for container in task.containers.values():
        if not container.bindings and task.attachment:
            if task.attachment.namespace:
                container.bindings = own_bindings(container.definition, task.attachment.address)
            else:
                container.bindings = kit.ports.bind(container.definition, mode=task.network_mode)


def _environment(kit: Kit, task: TaskState, container: ContainerState) -> dict[str, str]:
    attachment = task.attachment
    home = kit.homes / task.assignment.task_id
    home.mkdir(exist_ok=True)
    home.chmod(0o1777)  # whichever user a container runs as
    environment = machine_environment(os.environ, home)
    if attachment:
        environment.update(kit.environment(attachment.lab))
        environment.update(
            agent_environment(
                endpoint=attachment.endpoint,
                token=container.token,
                fargate=task.is_fargate,
                runtime_id=container.runtime_id,
                region=task.assignment.region,
            )
        )
        if attachment.namespace is None:
            every = [binding for each in task.containers.values() for binding in each.bindings]
            environment.update(shared_port_environment(container.bindings, every))
    given = definition_environment(container.definition, task.assignment.secrets, folder=kit.folder)
    return {**environment, **given}


def _group(kit: Kit, task: TaskState, container: ContainerState) -> Group | None:
    try:
        return kit.limits.create(task.assignment.task_id, f"c-{container.name}", _request(task, container))
    except OSError as error:
        raise StartFailure(f"CannotCreateContainerError: Error response from daemon: cgroup: {error}") from error


def _request(task: TaskState, container: ContainerState) -> Request:
    """Return a container's limits; where only the task has a memory limit, it holds for all containers together."""
    task_memory = task.assignment.task.get("memory") or task.assignment.definition.get("memory") or 0
    return Request(
        memory_bytes=(container.definition.get("memory") or 0) * _MIB,
        task_memory_bytes=int(task_memory) * _MIB,
        cpu_shares=container.definition.get("cpu") or 0,
    )


def _user(kit: Kit, container: ContainerState) -> str | None:
    """Return the user to run as; without root or without such a user here it is that of the lab, and that is said."""
    wanted = container.definition.get("user")
    if not wanted:
        return None
    found = find_user(wanted) if os.geteuid() == 0 and shutil.which("setpriv") else None
    if found is None:
        kit.say(f"{container.name}: runs as the lab's own user, {wanted!r} is not to be had here")
    return found


def _say_what_has_no_effect(kit: Kit, container: ContainerState, *, limited: bool) -> None:
    if container.definition.get("memory") and not limited:
        kit.say(f"{container.name}: no memory limit: {container.definition['memory']} MiB cannot be enforced here")
    if unused := [member for member in _WITHOUT_EFFECT if container.definition.get(member)]:
        kit.say(f"{container.name}: without effect in the lab: {', '.join(unused)}")


def home_folder(parent: Path) -> Path:
    """Return the folder that holds the tasks' homes, which other users may pass through."""
    folder = parent / "homes"
    folder.mkdir()
    folder.chmod(0o711)
    return folder
