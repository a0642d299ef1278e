"""X-Ray's segment documents in the forms that files have them."""

import json
from collections.abc import Mapping
from typing import Any

from taskscope.errors import MalformedPayloadError


def documents_in(value: Mapping[str, Any]) -> list[Any] | None:
    """
    Return the documents of a value, texts or objects; None if it is none that has some.

    Known are answers of BatchGetTraces and traces in them, bodies of PutTraceSegments, and documents alone.
    """
    if isinstance(traces := value.get("Traces"), list):
        return [document for each in traces for document in _of_trace(each)]
    if isinstance(value.get("Segments"), list):
        return _of_trace(value)
    if isinstance(documents := value.get("TraceSegmentDocuments"), list):
        return documents
    if isinstance(document := value.get("Document"), str):
        return [document]
    if {"trace_id", "id", "start_time"} <= value.keys():
        return [value]
    return None


def segment(document: object) -> str:
    """
    Return a document, text or object, as a JSON string; empty for one that X-Ray has inferred.

    Such segments stand for callees that have sent nothing; the store infers these itself.

    Raises:
        MalformedPayloadError: It is no object.
    """
    read: object = document
    if isinstance(document, str):
        try:
            read = json.loads(document)
        except (ValueError, RecursionError):
            read = None
    if not isinstance(read, dict):
        raise MalformedPayloadError("a segment document is no JSON object")
    if read.get("inferred") is True:
        return ""
    return json.dumps(document if isinstance(document, str) else json.dumps(document, separators=(",", ":")))


def _of_trace(trace: object) -> list[Any]:
    segments = trace.get("Segments") if isinstance(trace, dict) else None
    if not isinstance(segments, list):
        return [trace]
    return [each.get("Document") if isinstance(each, dict) else each for each in segments]
