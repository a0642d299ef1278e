"""The environment of a function's process: Lambda's variables and its own, and nothing of the user's shell."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from taskscope.lab.functions.model import Function

_PATH: Final = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one execution environment."""

    root: Path
    packages: Path
    """What the Lambda runtime brings, shared by every environment."""

    @property
    def task(self) -> Path:
        """The function's code, ``/var/task`` in Lambda."""
        return self.root / "task"

    @property
    def layers(self) -> Path:
        """The layers' files, ``/opt`` in Lambda."""
        return self.root / "opt"

    @property
    def home(self) -> Path:
        """An empty home, so that nobody finds ``~/.aws``."""
        return self.root / "home"

    @property
    def scratch(self) -> Path:
        """Its own ``/tmp``."""
        return self.root / "tmp"


def variables(function: Function, folders: Folders, *, stream: str, runtime_api: str, endpoint: str) -> dict[str, str]:
    """
    Return every variable of the process.

    A function's own variable wins over what Lambda lets it set, not over what Lambda reserves. ``AWS_ENDPOINT_URL`` is
    the lab's, so that no call of an AWS SDK leaves this machine.
    """
    own = {name: value for name, value in function.variables.items() if name != "PYTHONPATH"}
    paths = [str(folders.task), str(folders.layers / "python"), str(folders.packages)]
    if "PYTHONPATH" in function.variables:
        paths.append(function.variables["PYTHONPATH"])
    return {
        "PATH": _PATH,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONDONTWRITEBYTECODE": "1",  # the packages are the lab's own files, seen through links
        **own,
        "PYTHONPATH": os.pathsep.join(paths),
        "HOME": str(folders.home),
        "TMPDIR": str(folders.scratch),
        **_reserved(function, stream),
        "LAMBDA_TASK_ROOT": str(folders.task),
        "LAMBDA_RUNTIME_DIR": str(folders.packages),
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
    }


def _reserved(function: Function, stream: str) -> dict[str, str]:
    """Return the variables that the Lambda user guide lists as reserved; the credentials are no real ones."""
    return {
        "_HANDLER": function.handler,
        "_X_AMZN_TRACE_ID": "",
        "AWS_DEFAULT_REGION": function.region,
        "AWS_REGION": function.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mib),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_ACCESS_KEY_ID": "lab",
        "AWS_SECRET_ACCESS_KEY": "lab",
        "AWS_SESSION_TOKEN": "lab",
    }
