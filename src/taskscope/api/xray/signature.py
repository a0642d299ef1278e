"""
AWS Signature Version 4, checked: the X-Ray API's clients sign with the token as their secret access key.

The recipe is AWS's ("Create a signed AWS API request", IAM user guide).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, quote

from taskscope.clock import SECOND, from_datetime

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_HEADER: Final = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request, *"
    r"SignedHeaders=([a-z0-9;-]+), *Signature=([0-9a-f]{64})"
)
_PATIENCE_NS: Final = 900 * SECOND
"""How far a client's clock may be off, as at AWS."""
_NEEDED: Final = frozenset({"host", "x-amz-date"})


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature is made of; names of headers in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def is_signed_with(secret: str, request: Signed, *, now: int) -> bool:
    """Whether a request is signed with a secret access key, not long ago."""
    match = _HEADER.fullmatch(request.headers.get("authorization", "").strip())
    if match is None:
        return False
    _key, date, region, service, names, signature = match.groups()
    stamp = request.headers.get("x-amz-date", "")
    signed = names.split(";")
    if not _is_recent(stamp, date, now) or not _NEEDED.issubset(signed):
        return False
    scope = f"{date}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(_canonical(request, signed).encode()).hexdigest()
    text = f"{_ALGORITHM}\n{stamp}\n{scope}\n{digest}"
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), signature)


def _is_recent(stamp: str, date: str, now: int) -> bool:
    try:
        moment = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return stamp.startswith(date) and abs(from_datetime(moment) - now) <= _PATIENCE_NS


def _canonical(request: Signed, names: list[str]) -> str:
    query = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in _pairs(request.query))
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    return "\n".join(
        (
            request.method,
            quote(request.path, safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in query),
            headers,
            ";".join(names),
            hashlib.sha256(request.body).hexdigest(),
        )
    )


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)
