"""
Which operation of which service a request asks for.

json services name it in ``X-Amz-Target``; rest-json services are found by verb and path. The X-Ray SDKs call the
sampling paths without any signature, so an unsigned path is looked up too (embedded-aws, section 2).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn
from urllib.parse import unquote

from taskscope.lab.gateway.http import Request
from taskscope.lab.gateway.models import protocol, service_model
from taskscope.lab.gateway.service import ApiError, Service

_LABEL: Final = re.compile(r"\\\{(\w+)(\\\+)?\\\}")


@dataclass(frozen=True, slots=True)
class Route:
    """An operation that the lab implements, with the parameters that its path carries (percent-decoded)."""

    service: Service
    operation: str
    path_params: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Path:
    """One row of a rest-json service's table."""

    method: str
    pattern: re.Pattern[str]
    operation: str


class Router:
    """Finds routes among the services given; what it does not find is the fallback's."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._by_name = {service.name: service for service in services}
        self._by_target = {
            service_model(service.name).metadata["targetPrefix"]: service
            for service in services
            if protocol(service_model(service.name)) == "json"
        }
        self._paths = {
            service.name: _path_table(service.name)
            for service in services
            if protocol(service_model(service.name)) == "rest-json"
        }

    def find(self, request: Request) -> Route | None:
        """
        Return the route of a request, or None if the fallback is to answer it.

        Raises:
            ApiError: ``UnknownOperationException``, the lab owns the service but does not implement the operation;
                ``MissingAuthenticationTokenException``, the fallback implements it and would not know its service.
        """
        if target := request.headers.get("x-amz-target"):
            prefix, _, operation = target.rpartition(".")
            service = self._by_target.get(prefix)
            return self._implemented(service, operation, {}) if service else None
        signed = request.signed_for
        if signed is None:
            return self._find_unsigned(request)
        service = self._by_name.get(signed[1])
        return self._find_path(service, request) if service else None

    def _find_unsigned(self, request: Request) -> Route | None:
        for name in self._paths:
            if route := self._match(self._by_name[name], request):
                if found := self._implemented(route.service, route.operation, route.path_params):
                    return found
                raise unsigned(f"{name}.{route.operation}")
        return None

    def _find_path(self, service: Service, request: Request) -> Route | None:
        if route := self._match(service, request):
            return self._implemented(service, route.operation, route.path_params)
        if service.whole:
            _refuse(service, f"{request.method} {request.path}")
        return None

    def _match(self, service: Service, request: Request) -> Route | None:
        path = request.path.rstrip("/") or "/"
        for row in self._paths.get(service.name, ()):
            if row.method == request.method and (found := row.pattern.fullmatch(path)):
                params = {name: unquote(text) for name, text in found.groupdict().items()}
                return Route(service, row.operation, params)
        return None

    def _implemented(self, service: Service, operation: str, path_params: dict[str, str]) -> Route | None:
        if operation in service.operations:
            return Route(service, operation, path_params)
        if service.whole:
            _refuse(service, operation)
        return None


def unsigned(asked: str) -> ApiError:
    """Return the error for a call of the fallback's that only its signature would tell from one of S3's."""
    text = f"the embedded AWS answers {asked} only if it is signed, with any credentials"
    return ApiError("MissingAuthenticationTokenException", text, status=403)


def _refuse(service: Service, operation: str) -> NoReturn:
    raise ApiError("UnknownOperationException", f"the embedded AWS does not implement {service.name}.{operation}")


def _path_table(name: str) -> tuple[_Path, ...]:
    """Read verbs and paths out of a rest-json model; paths with fewer parameters are tried first."""
    model = service_model(name)
    rows = []
    for operation in model.operation_names:
        http = model.operation_model(operation).http
        uri = http["requestUri"].partition("?")[0].rstrip("/") or "/"
        rows.append((uri.count("{"), _Path(http["method"], _compile_uri(uri), operation)))
    return tuple(row for _, row in sorted(rows, key=lambda pair: pair[0]))


def _compile_uri(uri: str) -> re.Pattern[str]:
    """Turn ``/functions/{FunctionName}/invocations`` into a pattern; ``{Key+}`` takes slashes too."""
    return re.compile(_LABEL.sub(lambda label: f"(?P<{label[1]}>{'.+' if label[2] else '[^/]+'})", re.escape(uri)))
