"""
The calls of a workshop as its own command lines: by the awscli that is installed, else by botocore with the same input.

Each is said before it is done.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from botocore import xform_name

from taskscope.errors import TaskscopeError
from taskscope.lab.client.connection import Lab, plain_errors
from taskscope.lab.client.watch import Say
from taskscope.lab.gateway.service import Document

_SERVICE: Final = "ecs"
_VERSION: Final = re.compile(r"aws-cli/(\d+)\.(\d+)")
_KNOWS_THE_VARIABLE: Final[Mapping[int, int]] = {1: 29, 2: 13}
"""The first minor version of each major one that reads AWS_ENDPOINT_URL (docs/lab.md)."""
_SECONDS: Final = 60


class Commands(Protocol):
    """Does calls of ECS; parameters have the names of the API, ``file`` is a whole input as JSON."""

    def call(self, operation: str, *, file: Path | None = None, **parameters: Any) -> Document:
        """
        Do one call, such as ``run-task``.

        Raises:
            TaskscopeError: It was refused.
        """


@dataclass(frozen=True, slots=True)
class AwsCli:
    """The awscli, as a process for each call."""

    program: str
    lab: Lab
    say: Say

    def call(self, operation: str, *, file: Path | None = None, **parameters: Any) -> Document:
        """Do one call; see ``Commands``."""
        line = ["aws", _SERVICE, operation, *arguments(file, parameters)]
        self.say(f"$ {shlex.join(line)}")
        done = subprocess.run(  # noqa: S603 (the awscli that was found, with arguments of our own)
            [self.program, *line[1:], "--output", "json"],
            env=environment(self.lab), capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode:
            raise TaskscopeError(f"aws {_SERVICE} {operation} has failed: {done.stderr.strip()}")
        answer: Document = json.loads(done.stdout) if done.stdout.strip() else {}
        return answer


@dataclass(frozen=True, slots=True)
class InProcess:
    """botocore, with the command lines said that it stands for."""

    lab: Lab
    say: Say

    def call(self, operation: str, *, file: Path | None = None, **parameters: Any) -> Document:
        """Do one call; see ``Commands``."""
        self.say(f"(by botocore) $ {shlex.join(['aws', _SERVICE, operation, *arguments(file, parameters)])}")
        given = json.loads(file.read_text(encoding="utf-8")) if file else {}
        function: Callable[..., Document] = getattr(self.lab.client(_SERVICE), operation.replace("-", "_"))
        with plain_errors(self.lab.url):
            return function(**given, **parameters)


def find_commands(lab: Lab, say: Say) -> Commands:
    """Return the awscli beside our Python or in ``PATH``; botocore where there is none that reads AWS_ENDPOINT_URL."""
    found = shutil.which("aws", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    why = "awscli is not installed" if found is None else _too_old(found, lab)
    if found is None or why:
        say(f"{why}: its command lines are NOT run, botocore makes the same calls with the same input")
        return InProcess(lab, say)
    return AwsCli(found, lab, say)


def arguments(file: Path | None, parameters: Mapping[str, Any]) -> list[str]:
    """Return the arguments that say a call's parameters."""
    line = ["--cli-input-json", f"file://{file}"] if file else []
    for name, value in parameters.items():
        values = value if isinstance(value, list) else [value]
        line += [f"--{xform_name(name, '-')}", *map(_argument, values)]
    return line


def environment(lab: Lab) -> dict[str, str]:
    """Return the environment of an awscli that reaches the lab, and nothing of the user's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "AWS_ENDPOINT_URL": lab.url,
        "AWS_DEFAULT_REGION": lab.region,
        "AWS_REGION": lab.region,
        "AWS_ACCESS_KEY_ID": "lab",
        "AWS_SECRET_ACCESS_KEY": "lab",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_PAGER": "",
    }


def _argument(value: Any) -> str:
    """Return a value as awscli takes it: an object of texts in its shorthand, any other as JSON."""
    if isinstance(value, dict) and all(isinstance(each, str) for each in value.values()):
        return ",".join(f"{name}={each}" for name, each in value.items())
    return json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else str(value)


def _too_old(program: str, lab: Lab) -> str:
    """Return why an awscli does not find the lab; empty where it does."""
    done = subprocess.run(  # noqa: S603 (the awscli that was found)
        [program, "--version"], env=environment(lab), capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    found = _VERSION.search(done.stdout + done.stderr)  # old ones write it to stderr
    if found is None:
        return f"{program} does not say its version"
    least = _KNOWS_THE_VARIABLE.get(int(found[1]))
    return f"{program} is {found[0]}, which does not read AWS_ENDPOINT_URL" if least and int(found[2]) < least else ""
