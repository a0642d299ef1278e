"""
Writes docs/api.md, the reference of the API, from its routes. Run it with ``make reference``.

``tests/docs/test_api_reference.py`` fails where the file is not what this module makes.
"""  # noqa: INP001 (a script beside the pages that it writes, no package)

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from fastapi import FastAPI
from starlette.routing import Route

from taskscope.api.app import make_app
from taskscope.api.guard import Guard
from taskscope.api.openapi import document
from taskscope.api.parts import Parts
from taskscope.api.workers import Workers
from taskscope.api.xray.operations import OF_BOTH, PATHS, WRITES
from taskscope.api.xray.routes import operations
from taskscope.api.xray.sampling import Sampling
from taskscope.api.xray.state import XrayState
from taskscope.config.access import Token

PAGE: Final = Path(__file__).with_name("api.md")
_TITLES: Final = {
    "traces": "Traces",
    "map": "Service map and figures over time",
    "metrics": "Metrics of applications",
    "logs": "Logs",
    "ecs": "ECS",
    "resources": "What ECS resources use",
    "server": "The server itself",
    "store": "The store",
    "import": "Import",
}
_HEAD: Final = """\
# The API

<!-- Written by docs/generate_api.py: change the routes, then run `make reference`. -->

`taskscope serve` answers HTTP on port 8275 (`--port`): a REST API of its own, the X-Ray API and Jaeger's query API.
Commands ask it; so can anything that speaks JSON. `GET /api/openapi.json` describes the REST API as OpenAPI 3.1.

```sh
curl -s 'http://127.0.0.1:8275/api/tasks?status=RUNNING'
export AWS_ENDPOINT_URL_XRAY=http://127.0.0.1:8275
aws xray get-service-graph --start-time 2026-11-20T12:00Z --end-time 2026-11-20T13:00Z
```

- **Times** in query strings are nanoseconds since the epoch, ISO 8601 (local time of the server without an offset;
  `+` is written `%2B`), `now`, or a duration before now as in `-1h`. Times in answers are nanoseconds since the
  epoch; durations are nanoseconds as well.
- **Lists** come in pages: `limit` says how long, `cursor` of one page goes into the question for the next, and is
  empty on the last.
- A **parameter that a route does not have** is refused, since a misspelt one would change nothing.
- **Bodies** are JSON objects of at most 1 MiB, come within 10 s, and are said to be `application/json`; those of
  imports have up to 16 MiB, and may be arrays, or Protobuf (`application/x-protobuf`).
- **Caches** keep nothing, but for whole traces, which have an `ETag` and are asked for again with `If-None-Match`:
  304 says that nothing came since.
- Answers of more than 1 kB are compressed with gzip for those who accept it. Each has an `x-request-id`, the sender's
  own if it sent one; the log names it.

## Who is kept out

A token is shown as `Authorization: Bearer TOKEN`; without one in the settings nobody needs it. Who has the readers'
token cannot send, and the other way round.

While it listens on loopback, the port answers requests to `localhost`, to names under it, and to addresses; a
stranger's page whose name was made to point at 127.0.0.1 sends that name as `Host`, and gets 403. So do pages of
other machines. There are no CORS headers, so no page of another origin reads an answer. Beyond loopback a token is
needed.

With a certificate (`--tls-cert`, `--tls-key`) the port speaks HTTPS only. A command that finds the server by its data
directory trusts the certificate that the server has noted there. For a server that is named, `--tls-ca FILE`
(`TASKSCOPE_TLS_CA`) is what to trust, and the name has to be right; by default it is what the machine trusts.
Commands follow no redirect, and ask no proxy for an address of loopback.

## Errors

Problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)), with a `hint` where there is one, and `errors`
where several parameters are wrong:

```json
{"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "\\"max_rows\\" is a number from 1 to 100000"}
```

| Status | Means | Exit code of a command |
|---|---|---|
| 400 | a parameter, the body or the statement is wrong | 2 |
| 401 | the token is missing or wrong | 4 |
| 403 | another machine's name or page asks, or the store's own user may not | 4 |
| 404, 405 | it is not there, or the path takes another method | 3, 1 |
| 408, 413, 415 | the body is too slow, too large, or not said to be JSON | 1 |
| 429 | too many questions are under way: 4 run side by side, 28 more wait | 5 |
| 500 | it took too long or too much memory; or a mistake of the program, which its log tells | 1 |
| 503 | the store does not answer for now, or the server stops | 5 |
"""
_XRAY: Final = """\
## The X-Ray API

AWS's SDKs and command line call it unchanged with this server as their endpoint (`--endpoint-url`,
`AWS_ENDPOINT_URL_XRAY`). Requests and answers are those of botocore's model of the service; errors have AWS's form.
Where a token is set, sign with it as the secret access key (any access key id, any region), or show it as `Bearer`;
without one any signature will do.

Where it differs from AWS:

- **GetTraceSummaries**: `TimeRangeType` `TraceId` asks for the time at which a trace starts; `Event` and `Service` both
  ask for the time of its last end, which is then its `MatchedEventTime`. These look at traces that began up to an
  hour before the window; pages may be short, or empty with a `NextToken`. `TracesProcessedCount` counts the traces that
  the filter let through. Annotations of X-Ray's senders have the types that were sent, others those that their texts
  read as.
- **Root causes** are ways from a trace's root down to a span that `rootcause.…` of a
  [filter](filters.md#root-causes) lists and that has no such span below it; `ClientImpacting` says that the root is
  such a span as well. Each trace has ten of a kind at most. They are read of the spans of a page, 10,000 at most:
  traces beyond have none, and their annotations have the types that their texts read as.
- **GetTimeSeriesServiceStatistics**: `EntitySelectorExpression` is one `service()`, `edge()` or `id()` without braces;
  `account.id` is known of services only. Of a group they are the figures of its newest thousand traces in the window.
  There are no forecasts, whatever `ForecastStatistics` says: nothing here predicts a band of faults.
- **Histograms** have buckets that are 4.4 % wide; a value is the middle of one.
- **Graphs**: segments that AWS infers are in graphs only; the time of a group's expression is now.
- PutTraceSegments answers when what it accepts is on disk. `UnprocessedTraceIds` names traces that are not there.

| Operation | Path | Token |
|---|---|---|
"""
_JAEGER: Final = """\
## Jaeger's query API

As Grafana's Jaeger data source (URL `http://127.0.0.1:8275/jaeger`) and Jaeger's own pages call it; times are
microseconds. Answers have `data`, and `errors` where something is wrong.

| Path | Token |
|---|---|
"""
_EVENTS: Final = """\
## EventBridge

`POST /v1/events` takes messages of EventBridge, with the token of senders: [events](receivers/events.md).
"""


def make() -> FastAPI:
    """Return the application with nothing behind it."""
    nothing: Any = cast("Any", None)
    return make_app(
        Parts(
            reader=nothing,
            admin=nothing,
            readers=Guard(Token(), whose="read"),
            senders=Guard(Token(), whose="write"),
            workers=Workers(1, "none"),
            status=dict,
            settings=(),
            sampling=Sampling(nothing, None),
            xray=XrayState(Path("none")),
            keep_documents=nothing,
            importer=nothing,
        )
    )


def page(app: FastAPI) -> str:
    """Return the whole page."""
    described = document(app)
    tags = {tag for methods in described["paths"].values() for each in methods.values() for tag in each["tags"]}
    if unknown := tags - _TITLES.keys():
        raise LookupError(f"routes with the tags {sorted(unknown)} would be left out")
    lines: list[str] = [_HEAD]
    for tag, title in _TITLES.items():
        lines += _routes(title, tag, described)
    lines += _documents(described)
    lines += [_XRAY.rstrip("\n"), *_operations(app), "", _JAEGER.rstrip("\n"), *_jaeger(app), "", _EVENTS]
    return "\n".join(lines).rstrip("\n") + "\n"


def _routes(title: str, tag: str, described: Mapping[str, Any]) -> Iterator[str]:
    found = [
        (method.upper(), path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if tag in operation["tags"]
    ]
    if found:
        yield from (f"## {title}", "")
    for method, path, operation in found:
        [[token]] = [list(each) for each in operation["security"]]
        yield from (f"### `{method} {path}`", "", f"{operation['description']} Token: {token}.", "")
        yield from _parameters(operation.get("parameters", []))
        yield from _body(operation)
        yield from _answer(operation["responses"]["200"])


def _parameters(parameters: list[Mapping[str, Any]]) -> Iterator[str]:
    if not parameters:
        return
    yield from ("| Parameter | Type | Default | Meaning |", "|---|---|---|---|")
    for each in parameters:
        schema = each["schema"]
        default = "needed" if each["required"] else _code(schema.get("default", ""))
        yield f"| `{each['name']}` | {_type(schema)} | {default} | {_cell(each.get('description', ''))} |"
    yield ""


def _body(operation: Mapping[str, Any]) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {})
    for schema in (each["schema"] for each in content.values()):
        if schema.get("properties"):
            yield from ("Body:", "", *_members(schema))


def _answer(answered: Mapping[str, Any]) -> Iterator[str]:
    for kind, each in answered["content"].items():
        schema = each["schema"]
        if kind != "application/json":
            yield from (f"Answers with `{kind}`.", "")
        elif "title" in schema:
            yield from (f"Answers with a {_type(schema)}.", "")
        elif schema.get("properties"):
            yield from ("Answer:", "", *_members(schema))


def _members(schema: Mapping[str, Any]) -> Iterator[str]:
    yield from ("| Member | Type | Meaning |", "|---|---|---|")
    for name, each in schema["properties"].items():
        yield f"| `{name}` | {_type(each)} | {_cell(each.get('description', ''))} |"
    yield ""


def _documents(described: Mapping[str, Any]) -> Iterator[str]:
    """Yield a table for each document, in the order in which answers name them."""
    found: dict[str, Mapping[str, Any]] = {}
    _collect(described["paths"], found)
    if found:
        yield from ("## Documents", "")
    for title, schema in sorted(found.items()):
        yield from (f"### {title}", "", schema["description"], "", *_members(schema))


def _collect(node: Any, found: dict[str, Mapping[str, Any]]) -> None:
    if isinstance(node, Mapping):
        if "title" in node and node.get("type") == "object" and "properties" in node:
            found.setdefault(node["title"], node)
        for each in node.values():
            _collect(each, found)
    elif isinstance(node, list):
        for each in node:
            _collect(each, found)


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        if "prefixItems" in schema:
            return f"list of {len(schema['prefixItems'])}"
        return f"list of {_type(schema['items'])}" if schema.get("items") else "list"
    if "title" in schema and "properties" in schema:
        return f"[{schema['title']}](#{schema['title'].lower()})"
    if isinstance(values := schema.get("additionalProperties"), Mapping) and values:
        return f"map to {_type(values)}"
    kind = schema.get("type", "any value")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _operations(app: FastAPI) -> Iterator[str]:
    known = operations(app)
    for name, path in sorted(PATHS.items()):
        whose = "read or write" if name in OF_BOTH else "write" if name in WRITES else "read"
        yield f"| {name} | `POST {path}` | {whose if name in known else 'answers UnknownOperationException'} |"


def _jaeger(app: FastAPI) -> Iterator[str]:
    for route in app.routes:
        if isinstance(route, Route) and route.path.startswith("/jaeger/"):
            yield f"| `GET {route.path.replace(':path', '')}` | read |"


def _code(value: object) -> str:
    return f"`{_cell(str(value))}`" if value != "" else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write the page; with ``--check`` say by the exit code whether it is up to date."""
    made = page(make())
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == made else 1)
    PAGE.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
