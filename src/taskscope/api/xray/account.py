"""What an account of AWS has beside traces: answered as of one that never set anything; what we have not is refused."""

from typing import Any

from taskscope.api.xray.errors import AwsError


async def encryption(_given: dict[str, Any]) -> dict[str, Any]:
    """GetEncryptionConfig: no key of KMS is used."""
    return {"EncryptionConfig": {"Type": "NONE", "Status": "ACTIVE"}}


async def put_encryption(given: dict[str, Any]) -> dict[str, Any]:
    """PutEncryptionConfig: what is there already may be asked for."""
    if given["Type"] != "NONE":
        raise AwsError("Taskscope does not encrypt with KMS: encrypt the disk of its data directory")
    return await encryption(given)


async def destination(_given: dict[str, Any]) -> dict[str, Any]:
    """GetTraceSegmentDestination."""
    return {"Destination": "XRay", "Status": "ACTIVE"}


async def put_destination(given: dict[str, Any]) -> dict[str, Any]:
    """UpdateTraceSegmentDestination: what is there already may be asked for."""
    if given.get("Destination", "XRay") != "XRay":
        raise AwsError("Taskscope keeps segments in its own store")
    return await destination(given)


async def no_insights(_given: dict[str, Any]) -> dict[str, Any]:
    """GetInsightSummaries: nothing looks for anomalies."""
    return {"InsightSummaries": []}


async def no_such_insight(given: dict[str, Any]) -> dict[str, Any]:
    """GetInsight and its kin."""
    raise AwsError(f"there is no insight {given['InsightId']!r}")


async def no_policies(_given: dict[str, Any]) -> dict[str, Any]:
    """ListResourcePolicies: who may do what is a matter of tokens."""
    return {"ResourcePolicies": []}
