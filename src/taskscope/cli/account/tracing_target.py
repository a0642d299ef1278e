"""What ``taskscope enable tracing`` is told to change: a function, or a stage of a REST API, by name or ARN."""

import re
from typing import Final, NamedTuple

from taskscope.errors import UsageError

_FUNCTION_ARN: Final = re.compile(r"arn:aws[\w-]*:lambda:(?P<region>[\w-]+):\d{12}:function:(?P<rest>.+)")
_STAGE_ARN: Final = re.compile(
    r"arn:aws[\w-]*:apigateway:(?P<region>[\w-]+):\d{0,12}:/?(?P<kind>restapis|apis)/(?P<api>[^/]+)/stages/(?P<stage>[^/]+)"
)
_NAME: Final = re.compile(r"[\w-]{1,64}")
_HINT: Final = "give the name or ARN of a function, or API_ID/STAGE or the ARN of a stage of a REST API"


class FunctionTarget(NamedTuple):
    """A function."""

    name: str
    region: str | None
    """That of the ARN; None where none was given."""


class StageTarget(NamedTuple):
    """A stage of a REST API."""

    api: str
    stage: str
    region: str | None
    """As a function's."""


def read_target(text: str) -> FunctionTarget | StageTarget:
    """
    Read what was typed. Names of functions have no slash, those of stages have one.

    Raises:
        UsageError: It is neither, or something that has no active tracing.
    """
    if text.startswith("arn:"):
        return _read_arn(text)
    api, slash, stage = text.partition("/")
    if slash and api and stage and "/" not in stage:
        return StageTarget(api, stage, None)
    return FunctionTarget(_latest(text), None)


def _read_arn(text: str) -> FunctionTarget | StageTarget:
    if found := _FUNCTION_ARN.fullmatch(text):
        return FunctionTarget(_latest(found["rest"]), found["region"])
    if not (found := _STAGE_ARN.fullmatch(text)):
        raise UsageError(f"{text} is no ARN of a function or of a stage", hint=_HINT)
    if found["kind"] == "apis":
        raise UsageError(
            f"{text} is a stage of an HTTP or WebSocket API, which have no active tracing",
            hint="enable it for the functions behind it",
        )
    return StageTarget(found["api"], found["stage"], found["region"])


def _latest(text: str) -> str:
    """Return the name of a function; one of its versions cannot be changed."""
    name, colon, qualifier = text.partition(":")
    if not _NAME.fullmatch(name):
        raise UsageError(f"{text!r} is no function and no stage", hint=_HINT)
    if colon and qualifier != "$LATEST":
        raise UsageError(
            f"tracing of {text} cannot be changed: a version is as it was published",
            hint=f"change {name} itself, then publish a version of it and move the alias",
        )
    return name
