"""How the collector is, and which settings are in force."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from taskscope.api.answers import answer
from taskscope.api.parameters import guarded
from taskscope.api.parts import Parts

_STATUS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["status", "problems", "version", "spool_bytes", "consumers", "counters", "dropped", "quarantined"],
    "properties": {
        "status": {"enum": ["ok", "degraded", "failing", "unknown"]},
        "problems": {"type": "array", "items": {"type": "string"}},
        "version": {"type": "string"},
        "processes": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "spool_bytes": {"type": "integer", "description": "All that is in the spool."},
        "consumers": {"type": "object", "description": "Of each sink what it has not taken, and what troubles it."},
        "counters": {"type": "object", "additionalProperties": {"type": "integer"}},
        "dropped": {"type": "object", "description": "What was lost, by receiver and reason."},
        "quarantined": {"type": "integer", "description": "Bodies that could not be read."},
        "sampling": {"type": "object"},
        "store": {"type": "object"},
        "lag_seconds": {"type": ["number", "null"], "description": "How old the last look at the consumers is."},
    },
}
_SETTINGS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["settings"],
    "properties": {
        "settings": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["setting", "value", "from"],
                "properties": {name: {"type": "string"} for name in ("setting", "value", "from")},
            },
        }
    },
}


def status_router(parts: Parts) -> APIRouter:
    """Return the routes of status and settings."""
    router = APIRouter(tags=["server"], dependencies=guarded(parts.readers))

    @router.get("/api/status", openapi_extra={"x-schema": _STATUS})
    async def status() -> Response:
        """Tell how the collector is: what was received, stored, dropped, what waits, how large the store is."""
        return await parts.answer(parts.status)

    @router.get("/api/settings", openapi_extra={"x-schema": _SETTINGS})
    async def settings() -> Response:
        """List the settings in force, and where each came from; secrets are masked."""
        return answer({"settings": list(parts.settings)})

    return router
