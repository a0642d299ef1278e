"""The lines that Lambda itself writes to a function's log. Pure; the shapes are those of the Lambda user guide."""

import json
import math
from datetime import UTC
from typing import Final

from taskscope.clock import MILLISECOND, to_datetime

_MIB: Final = 1024 * 1024


def milliseconds(duration_ns: int) -> str:
    """Write a duration as ``12.34 ms``."""
    return f"{duration_ns / MILLISECOND:.2f} ms"


def init_start(python: str, region: str, digest: str) -> str:
    """Write the line that begins a cold start; ``python`` is the version that runs, such as ``3.13``."""
    return (
        f"INIT_START Runtime Version: python:{python}.lab\t"
        f"Runtime Version ARN: arn:aws:lambda:{region}::runtime:{digest}\n"
    )


def init_report(duration_ns: int, *, status: str, fault: str) -> str:
    """Write the line about an initialization that failed."""
    return (
        f"INIT_REPORT Init Duration: {milliseconds(duration_ns)}\tPhase: init\tStatus: {status}\tError Type: {fault}\n"
    )


def start(request_id: str, version: str) -> str:
    """Write the line that begins an invocation."""
    return f"START RequestId: {request_id} Version: {version}\n"


def end(request_id: str) -> str:
    """Write the line that ends an invocation."""
    return f"END RequestId: {request_id}\n"


def report(
    request_id: str,
    *,
    duration_ns: int,
    init_ns: int | None,
    memory_mib: int,
    used_bytes: int,
    status: str | None = None,
    fault: str | None = None,
) -> str:
    """Write the REPORT line; ``init_ns`` is set for a cold start, whose time is billed too."""
    billed = math.ceil((duration_ns + (init_ns or 0)) / MILLISECOND)
    pieces = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {milliseconds(duration_ns)}",
        f"Billed Duration: {billed} ms",
        f"Memory Size: {memory_mib} MB",
        f"Max Memory Used: {math.ceil(used_bytes / _MIB)} MB",
    ]
    if init_ns is not None:
        pieces.append(f"Init Duration: {milliseconds(init_ns)}")
    if status is not None:
        pieces.append(f"Status: {status}")
    if fault is not None:
        pieces.append(f"Error Type: {fault}")
    return "\t".join(pieces) + "\t\n"


def timed_out(now: int, request_id: str, seconds: float) -> str:
    """Write the line about an invocation that took too long."""
    moment = to_datetime(now, UTC)
    stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    return f"{stamp} {request_id} Task timed out after {seconds:.2f} seconds\n"


def exited(request_id: str, code: int) -> str:
    """Write the line about a runtime that ended by itself, or by a signal (a negative code)."""
    return f"RequestId: {request_id} Error: {exit_reason(code)}\nRuntime.ExitError\n"


def exit_reason(code: int) -> str:
    """Say how a process ended."""
    if code == 0:
        return "Runtime exited without providing a reason"
    names = {-9: "killed", -11: "segmentation fault", -6: "aborted", -15: "terminated"}
    how = f"signal: {names.get(code, -code)}" if code < 0 else f"exit status {code}"
    return f"Runtime exited with error: {how}"


def fault_document(fault: str, message: str) -> bytes:
    """Return the payload of an invocation that the platform, not the handler, failed."""
    return json.dumps({"errorType": fault, "errorMessage": message}).encode()
