"""Functions as moto keeps them: CreateFunction and its kin are moto's, what they left is read here, in process."""

import hashlib
import json
import os
import re
from typing import Any, Final

from taskscope.lab.functions.model import Function
from taskscope.lab.gateway.service import ApiError

_PYTHON: Final = re.compile(r"python3\.\d+")


def find_function(account: str, region: str, name: str, qualifier: str | None) -> Function:
    """
    Return a function by name or ARN, which may carry a version or alias.

    Raises:
        ApiError: ``ResourceNotFoundException``, there is none; ``InvalidRuntimeException``, the lab cannot run it.
    """
    backend = moto_backend("lambda", account, region)
    from moto.core.exceptions import JsonRESTError  # noqa: PLC0415 - importing moto takes about a second: on first use

    try:
        found = backend.get_function(name, qualifier)
    except JsonRESTError as error:
        raise ApiError(error.error_type, error.message, status=error.code) from None
    _check(found)
    return _read(found, tuple(_layer(backend, layer["Arn"]) for layer in found.layers))


def moto_backend(service: str, account: str, place: str) -> Any:
    """Return moto's memory of a service; moto reads its account once, on import."""
    os.environ.setdefault("MOTO_ACCOUNT_ID", account)
    from moto.backends import get_backend  # noqa: PLC0415 - importing moto takes about a second: on first use

    return get_backend(service)[account][place]  # type: ignore[call-overload]


def _check(found: Any) -> None:
    """Refuse what the lab cannot run. Lambda's status 502 would make clients retry, which helps nobody: it is 400."""
    if found.package_type != "Zip":
        raise ApiError(
            "InvalidRuntimeException", f"{found.function_name} is an image; the lab runs functions from a zip."
        )
    if not _PYTHON.fullmatch(found.run_time or ""):
        raise ApiError(
            "InvalidRuntimeException",
            f"The lab runs Python functions; the runtime of {found.function_name} is {found.run_time}.",
        )
    if not found.code_bytes:
        raise ApiError("InvalidZipFileException", f"{found.function_name} has no code.")


def _layer(backend: Any, arn: str) -> bytes:
    return bytes(backend.layers_versions_by_arn(arn).code_bytes)


def _read(found: Any, layers: tuple[bytes, ...]) -> Function:
    configuration = [found.handler, found.run_time, found.environment_vars, found.timeout, found.memory_size]
    configuration += [found.code_sha_256, [layer["Arn"] for layer in found.layers]]
    return Function(
        account=found.account_id,
        region=found.region,
        name=found.function_name,
        version=str(found.version),
        handler=found.handler,
        runtime=found.run_time,
        code=found.code_bytes,
        revision=hashlib.sha256(json.dumps(configuration, sort_keys=True).encode()).hexdigest(),
        layers=layers,
        variables=dict(found.environment_vars),
        timeout_seconds=int(found.timeout),
        memory_mib=int(found.memory_size),
    )
