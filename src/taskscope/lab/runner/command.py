"""What a container runs: its command as processes of this machine."""

import grp
import os
import pwd
import shutil
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from taskscope.lab.runner.failures import StartFailure, cannot_start
from taskscope.lab.runner.iproute import find_ip

_PYTHON: Final = frozenset({"python", "python3"})
_JOIN: Final = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ >"$1" || exit 125; shift; n=$((n-1)); done; exec "$@"'
"""Enters the cgroups and becomes the command, so that not one instruction of it runs outside its limits."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What it takes to start a process of a container: also its health checks run so."""

    environment: dict[str, str]
    folder: Path
    namespace: str | None = None
    """Name of the network namespace, None for this machine's network."""
    procs: Sequence[Path] = ()
    """Files of the cgroups that the process writes its id to."""
    user: str | None = None
    """Who runs it, as ``uid:gid``; None for the user of the lab."""

    def wrap(self, argv: Sequence[str]) -> list[str]:
        """Return the command line that enters cgroups, namespace and user, then becomes ``argv`` under the same pid."""
        line: list[str] = []
        if self.procs:
            line += ["/bin/sh", "-c", _JOIN, "launch", str(len(self.procs)), *map(str, self.procs)]
        if self.namespace:
            line += [find_ip(), "netns", "exec", self.namespace]
        if setpriv := shutil.which("setpriv"):
            line += [setpriv, "--pdeathsig", "KILL"]  # a lab that is killed takes its containers along
            if self.user:
                uid, _, gid = self.user.partition(":")
                line += ["--reuid", uid, "--regid", gid, "--clear-groups"]
            line += ["--"]
        return [*line, *argv]


def command_line(
    definition: Mapping[str, Any], image_command: Sequence[str], image_entry_point: Sequence[str] = ()
) -> list[str]:
    """
    Return ``entryPoint``, else the image's, and ``command`` as one line.

    ``python`` and ``python3`` mean the Python that runs the lab.

    Raises:
        StartFailure: There is no command: what an image would run is not known, it is only a name here.
    """
    entry, command = definition.get("entryPoint") or image_entry_point, definition.get("command") or []
    line = [*entry, *command] or list(image_command)
    if not line:
        raise StartFailure(
            "CannotStartContainerError: the container definition has no command, and the lab runs no image: "
            f"what {definition.get('image')!r} would start is not known. Give the container a command."
        )
    return [sys.executable, *line[1:]] if line[0] in _PYTHON else line


def working_folder(definition: Mapping[str, Any], folder: Path) -> Path:
    """
    Return the container's ``workingDirectory`` on this machine, below ``folder`` when it is relative.

    Raises:
        StartFailure: It does not exist here.
    """
    wanted = definition.get("workingDirectory")
    path = folder / wanted if wanted else folder
    if not path.is_dir():
        raise cannot_start(
            f'unable to start container process: chdir to cwd ("{wanted}") set in config.json failed: '
            "no such file or directory: unknown"
        )
    return path


def find_program(name: str, *, path: str, folder: Path) -> None:
    """
    Make sure that a program exists and may be executed.

    Raises:
        StartFailure: It does not, or may not.
    """
    if "/" in name:
        fault = _fault(folder / name)
    else:
        fault = None if shutil.which(name, path=path) else "executable file not found in $PATH"
    if fault:
        raise cannot_start(f'unable to start container process: exec: "{name}": {fault}: unknown')


def _fault(program: Path) -> str | None:
    """Return why a file cannot be executed, in the system's words."""
    try:
        is_file = stat.S_ISREG(program.stat().st_mode)
    except OSError as error:
        return f"stat {program}: {(error.strerror or str(error)).lower()}"
    return None if is_file and os.access(program, os.X_OK) else "permission denied"


def find_user(text: str) -> str | None:
    """Return a definition's ``user`` as ``uid:gid`` of this machine; None when it has no such user or group."""
    user, _, group = text.partition(":")
    try:
        entry = pwd.getpwuid(int(user)) if user.isdecimal() else pwd.getpwnam(user)
        uid, gid = entry.pw_uid, entry.pw_gid
    except KeyError:
        if not user.isdecimal():
            return None
        uid, gid = int(user), 0  # as Docker takes a number that no user has
    try:
        return f"{uid}:{(int(group) if group.isdecimal() else grp.getgrnam(group).gr_gid) if group else gid}"
    except KeyError:
        return None
