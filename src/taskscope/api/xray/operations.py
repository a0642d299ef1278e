"""The operations of the X-Ray service model and their paths, all called by POST; a test holds them to the model."""

from typing import Final

_SAME: Final = (
    "CancelTraceRetrieval", "CreateGroup", "CreateSamplingRule", "DeleteGroup", "DeleteResourcePolicy",
    "DeleteSamplingRule", "GetGroup", "GetIndexingRules", "GetRetrievedTracesGraph", "GetSamplingRules",
    "GetTraceSegmentDestination", "ListResourcePolicies", "ListRetrievedTraces", "ListTagsForResource",
    "PutEncryptionConfig", "PutResourcePolicy", "StartTraceRetrieval", "TagResource", "UntagResource", "UpdateGroup",
    "UpdateIndexingRule", "UpdateSamplingRule", "UpdateTraceSegmentDestination",
)  # fmt: skip
"""Operations whose path is their name."""

PATHS: Final = {name: f"/{name}" for name in _SAME} | {
    "BatchGetTraces": "/Traces",
    "GetEncryptionConfig": "/EncryptionConfig",
    "GetGroups": "/Groups",
    "GetInsight": "/Insight",
    "GetInsightEvents": "/InsightEvents",
    "GetInsightImpactGraph": "/InsightImpactGraph",
    "GetInsightSummaries": "/InsightSummaries",
    "GetSamplingStatisticSummaries": "/SamplingStatisticSummaries",
    "GetSamplingTargets": "/SamplingTargets",
    "GetServiceGraph": "/ServiceGraph",
    "GetTimeSeriesServiceStatistics": "/TimeSeriesServiceStatistics",
    "GetTraceGraph": "/TraceGraph",
    "GetTraceSummaries": "/TraceSummaries",
    "PutTelemetryRecords": "/TelemetryRecords",
    "PutTraceSegments": "/TraceSegments",
}

WRITES: Final = frozenset(
    {
        "CreateGroup", "CreateSamplingRule", "DeleteGroup", "DeleteResourcePolicy", "DeleteSamplingRule",
        "PutEncryptionConfig", "PutResourcePolicy", "PutTelemetryRecords", "PutTraceSegments", "TagResource",
        "UntagResource", "UpdateGroup", "UpdateIndexingRule", "UpdateSamplingRule", "UpdateTraceSegmentDestination",
    }
)  # fmt: skip
"""What changes something."""
OF_BOTH: Final = frozenset({"GetSamplingRules", "GetSamplingTargets"})
"""What samplers ask: apps have the senders' token and no other, people the readers'."""
