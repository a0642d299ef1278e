"""
Which attribute holds which member of a document: OpenTelemetry's name where it has one, else ``aws.xray.*``.

Every pair works both ways, so a name stands here once for each member. Sources: the OpenTelemetry semantic
conventions (HTTP, database, RPC, AWS, cloud) and the X-Ray segment document reference.
"""

from typing import Final

DOCUMENT: Final = "aws.xray.document"
"""How the row was sent: ``segment``, ``subsegment`` (sent alone) or ``embedded`` (inside another document)."""
SEGMENT: Final = "segment"
ALONE: Final = "subsegment"
EMBEDDED: Final = "embedded"

FORM: Final = "aws.xray.form"
"""Words for what a document says twice or not at all, of ``FORM_WORDS``, so that it can be given back exactly."""
FORM_WORDS: Final = ("in_progress", "trace_id", "parent_id", "type", "nameless", "endless")
"""
``in_progress``: false, said aloud. ``trace_id``, ``parent_id``, ``type``: said though embedded. ``nameless``: no
``name`` was sent. ``endless``: neither ``end_time`` nor ``in_progress``.
"""

OTHER: Final = "aws.xray.other"
"""JSON text of all members that have no attribute of their own, nested as in the document; it wins over attributes."""
ANNOTATIONS: Final = "aws.xray.annotations"
"""Which attributes are annotations; also how OpenTelemetry spans say which are to become some."""
ANNOTATION_PREFIX: Final = "aws.xray.annotation."
"""Before the key of an annotation whose own key is taken by a convention."""
ANNOTATION_STRINGS: Final = "aws.xray.annotations.strings"
"""Annotations that are strings though they read as a number or a truth value: a store may keep text only."""
METADATA_PREFIX: Final = "aws.xray.metadata."
CAUSE: Final = "aws.xray.cause"
PRECURSORS: Final = "aws.xray.precursor_ids"

FLAGS: Final = {"error": "aws.xray.error", "fault": "aws.xray.fault", "throttle": "aws.xray.throttle"}
NAMESPACE: Final = "aws.xray.namespace"
USER: Final = "enduser.id"

METHOD: Final = "http.request.method"
METHOD_AS_SENT: Final = "http.request.method_original"
HTTP: Final[dict[str, dict[str, tuple[str, type]]]] = {
    "request": {
        "method": (METHOD, str),
        "url": ("url.full", str),
        "user_agent": ("user_agent.original", str),
        "client_ip": ("client.address", str),
        "x_forwarded_for": ("aws.xray.x_forwarded_for", bool),
        "traced": ("aws.xray.traced", bool),
    },
    "response": {
        "status": ("http.response.status_code", int),
        "content_length": ("http.response.body.size", int),
    },
}
SQL: Final[dict[str, tuple[str, type]]] = {
    "database_type": ("db.system", str),
    "sanitized_query": ("db.query.text", str),
    "user": ("db.user", str),
    "connection_string": ("db.connection_string", str),
    "url": ("aws.xray.sql.url", str),
    "database_version": ("aws.xray.sql.database_version", str),
    "driver_version": ("aws.xray.sql.driver_version", str),
}
CALL: Final[dict[str, tuple[str, type]]] = {
    "operation": ("rpc.method", str),
    "region": ("cloud.region", str),
    "request_id": ("aws.request_id", str),
    "id_2": ("aws.extended_request_id", str),
    "account_id": ("aws.account_id", str),
    "bucket_name": ("aws.s3.bucket", str),
    "key": ("aws.s3.key", str),
    "queue_url": ("aws.sqs.queue.url", str),
    "topic_arn": ("aws.sns.topic.arn", str),
    "message_id": ("messaging.message.id", str),
    "stream_name": ("aws.kinesis.stream_name", str),
    "table_names": ("aws.dynamodb.table_names", list),
    "retries": ("aws.xray.retries", int),
}
TABLES: Final = "aws.dynamodb.table_names"
"""Holds ``table_name`` as a list of one, or ``table_names`` where there are several."""

RPC_SYSTEM: Final = "rpc.system"
RPC_SERVICE: Final = "rpc.service"

BLOCKS: Final = (
    (("http", "request"), HTTP["request"]),
    (("http", "response"), HTTP["response"]),
    (("sql",), SQL),
    (("aws",), CALL),
)
TAKEN: Final = frozenset(
    {name for _, members in BLOCKS for name, _ in members.values()} | {METHOD_AS_SENT, USER, RPC_SYSTEM, RPC_SERVICE}
)
"""Attribute names that an annotation of the same key must not take; so is everything under ``aws.xray.``."""
