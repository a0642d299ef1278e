"""Log groups by name, identifier or ARN."""

import re
from typing import Final

from taskscope.lab.gateway.constraints import violations
from taskscope.lab.gateway.models import service_model
from taskscope.lab.gateway.service import Call
from taskscope.lab.logs.errors import invalid, no_group
from taskscope.lab.logs.store import Group, Region

_ARN: Final = re.compile(r"arn:aws[\w-]*:logs:(?P<region>[^:]*):(?P<account>[^:]*):log-group:(?P<name>[^:]+)")


def check_names(**names: str) -> None:
    """
    Check ``logGroupName`` and ``logStreamName`` as the API does.

    Raises:
        ApiError: ``InvalidParameterException``, a name is too long or has a character that is not allowed.
    """
    if problems := violations(service_model("logs").operation_model("CreateLogStream").input_shape, names):
        raise invalid("; ".join(problems))


def group_arn(region: str, account: str, name: str) -> str:
    """Return a group's ARN without the ``:*`` that policies want."""
    return f"arn:aws:logs:{region}:{account}:log-group:{name}"


def stream_arn(region: str, account: str, group: str, stream: str) -> str:
    """Return a stream's ARN."""
    return f"{group_arn(region, account, group)}:log-stream:{stream}"


def group_name(call: Call, identifier: str) -> str:
    """
    Return the name that an identifier (a name or an ARN) stands for.

    Raises:
        ApiError: ``ResourceNotFoundException``, it lies elsewhere; ``InvalidParameterException``, it is no such ARN.
    """
    if not identifier.startswith("arn:"):
        return identifier
    found = _ARN.fullmatch(identifier)
    if found is None:
        raise invalid(f"Invalid log group identifier: {identifier}")
    if (found["region"], found["account"]) != (call.region, call.account):
        raise no_group()
    return found["name"]


def asked_group(call: Call, region: Region) -> Group:
    """
    Return the group that ``logGroupName`` or ``logGroupIdentifier`` names.

    Raises:
        ApiError: Both or neither are given, or there is no such group.
    """
    name, identifier = call.params.get("logGroupName"), call.params.get("logGroupIdentifier")
    if (name is None) == (identifier is None):
        raise invalid("Specify either logGroupName or logGroupIdentifier, and only one of them.")
    return region.group(name if name is not None else group_name(call, str(identifier)))
