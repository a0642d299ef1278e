"""A small shop with AWS's X-Ray SDK: Flask, botocore and sqlite3, sampled by rules that it polls; says what it did."""

import json
import sqlite3
import sys
import time
from typing import Any

import botocore.session
from aws_xray_sdk.core import patch, xray_recorder  # type: ignore[import-untyped]  # it has no types
from aws_xray_sdk.ext.flask.middleware import XRayMiddleware  # type: ignore[import-untyped]  # likewise
from flask import Flask, abort

patch(["botocore", "sqlite3"])
xray_recorder.configure(service="sdk-shop", plugins=("ECSPlugin",), stream_sql=True)

app = Flask("shop")
XRayMiddleware(app, xray_recorder)
s3: Any = botocore.session.get_session().create_client("s3")
seen: dict[str, str] = {}


@app.get("/order/<int:number>")
def order(number: int) -> str:
    """Call S3, ask SQL, and work in a subsegment with an annotation and metadata."""
    segment = xray_recorder.current_segment()
    segment.set_user("bob")
    seen[f"order {number}"] = f"{segment.trace_id} {segment.id}"
    s3.list_buckets()
    database = sqlite3.connect(":memory:")
    database.execute("SELECT 1")
    database.close()
    with xray_recorder.in_subsegment("price") as subsegment:
        subsegment.put_annotation("currency", "EUR")
        subsegment.put_metadata("cart", {"items": [1, 2]}, "shop")
    return "done"


@app.get("/fault")
def fault() -> str:
    """Fail."""
    raise ValueError("no stock")


@app.get("/missing")
def missing() -> str:
    """Answer 404."""
    abort(404)


@app.get("/health")
def health() -> str:
    """Be sampled never."""
    return "ok"


def wait_for_rules() -> None:
    """Wait until the SDK has the rules of the sampling proxy."""
    sampler = xray_recorder.sampler
    sampler.start()
    deadline = time.monotonic() + 10
    while len(sampler._cache.rules) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)


wait_for_rules()
client = app.test_client()
statuses = [client.get(path).status_code for path in ("/order/1", "/order/2", "/fault", "/missing", "/health")]
sampler = xray_recorder.sampler
sampler._target_poller._do_work()
rules = {rule.name: [rule.rate, rule.reservoir.quota, rule.reservoir.TTL is not None] for rule in sampler._cache.rules}
json.dump({"statuses": statuses, "seen": seen, "rules": rules}, sys.stdout)
