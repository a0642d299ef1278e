"""A task definition with the collector as a sidecar: pure, from one document of the ECS API to the next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from taskscope import ports
from taskscope.cli.sidecar.task_size import make_room
from taskscope.errors import UsageError

Document: TypeAlias = dict[str, Any]

NAME: Final = "taskscope"
"""Of the container, of its volume, and in bridge mode of its host."""
_DATA_DIR: Final = "/var/lib/taskscope"
_ANSWERED: Final = frozenset(
    {
        "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt",
        "registeredBy", "deregisteredAt", "deleteRequestedAt",
    }
)  # fmt: skip
"""What DescribeTaskDefinition answers beside the input of RegisterTaskDefinition."""
_LOG_OPTIONS: Final = ("awslogs-group", "awslogs-region", "awslogs-create-group")
_RESERVED_MIB: Final = 128
"""Memory of a sidecar where neither the task nor the user says any: ECS needs one of them."""
_ROUTER_FLUENT_PORT: Final = 24225
"""A FireLens router in the same network has 24224 itself (ECS gives it an input there, beside its unix socket)."""
_TAKEN: Final = frozenset(
    {ports.XRAY, ports.OTLP_GRPC, ports.OTLP_HTTP, ports.STATSD, ports.FLUENT, ports.HEALTH}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is asked of the sidecar; None leaves one that is there already as it is."""

    image: str | None = None
    to: Sequence[str] = ()
    cpu: int | None = None
    """CPU units, 1024 of a vCPU."""
    memory: int | None = None
    """Hard limit in MiB."""
    region: str | None = None
    """Where AWS does not tell the container its region: on EC2 and outside."""
    resize: bool = True
    """Whether a task that is too small for it becomes larger."""


class Injected(NamedTuple):
    """What became of a task definition."""

    document: Document
    """The input of RegisterTaskDefinition."""
    notices: Sequence[str]
    """What a person should know, a sentence each."""


def inject(given: Mapping[str, Any], sidecar: Sidecar) -> Injected:
    """
    Add the sidecar, and to every app the variables that point at it; twice is as good as once.

    ``given`` is the input of RegisterTaskDefinition or the answer of DescribeTaskDefinition. What an app sets itself
    stays, and is told.

    Raises:
        UsageError: It is no task definition, or no sidecar can run in it.
    """
    document, region = _register_input(given)
    mode = _network_mode(document)
    containers: list[Document] = [dict(each) for each in document["containerDefinitions"]]
    existing = next((each for each in containers if each["name"] == NAME), None)
    others = [each for each in containers if each is not existing]
    built = _container(document, others, existing or {}, sidecar)
    _set_missing(built, _own_variables(document, others, mode, region or sidecar.region))
    variables = _variables(NAME if mode == "bridge" else "127.0.0.1")
    apps = [each for each in others if "firelensConfiguration" not in each]
    notices = [
        *(notice for app in apps for notice in _kept(app, variables)),
        *_warnings(document, others, built, mode),
        *make_room(document, others, [*others, built], resize=sidecar.resize),
    ]
    for app in apps:
        _point(app, variables, linked=mode == "bridge")
    document["containerDefinitions"] = [built if each is existing else each for each in containers]
    if existing is None:
        document["containerDefinitions"].append(built)
    document["volumes"] = _with(document.get("volumes"), {"name": NAME}, key="name")
    return Injected(document, notices)


def _register_input(given: Mapping[str, Any]) -> tuple[Document, str | None]:
    """Return the input of RegisterTaskDefinition, and the region that an answer's ARN names."""
    answered = isinstance(given.get("taskDefinition"), Mapping)
    definition = given["taskDefinition"] if answered else given
    containers = definition.get("containerDefinitions")
    if (
        not isinstance(definition.get("family"), str)
        or not isinstance(containers, list)
        or not all(_is_container(each) for each in containers)
        or not containers
    ):
        raise UsageError(
            "this is no task definition",
            hint="give the input of RegisterTaskDefinition, or what aws ecs describe-task-definition prints",
        )
    document = {name: value for name, value in definition.items() if name not in _ANSWERED}
    if answered and given.get("tags"):
        document["tags"] = given["tags"]
    parts = str(definition.get("taskDefinitionArn", "")).split(":")
    return document, parts[3] if len(parts) > 3 else None  # noqa: PLR2004 (arn:partition:ecs:region:…)


def _is_container(value: Any) -> bool:
    """Whether a value is shaped as the container definition that it stands for."""
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("name"), str)
        and all(_are_objects(value.get(name)) for name in ("environment", "secrets", "dependsOn"))
    )


def _are_objects(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(each, Mapping) for each in value))


def _network_mode(document: Document) -> str:
    """Return awsvpc, host or bridge."""
    family = (document.get("runtimePlatform") or {}).get("operatingSystemFamily", "LINUX")
    if family != "LINUX":
        raise UsageError(f"the task runs on {family}, and the sidecar's image is one of Linux")
    mode = document.get("networkMode") or ("awsvpc" if _compatible(document) == {"FARGATE"} else "bridge")
    if mode not in {"awsvpc", "host", "bridge"}:
        raise UsageError(
            f"networkMode {mode!r}: containers of this task cannot reach one another", hint="use awsvpc or bridge"
        )
    return str(mode)


def _compatible(document: Document) -> set[str]:
    return set(document.get("requiresCompatibilities") or ())


def _container(document: Document, others: Sequence[Document], existing: Document, sidecar: Sidecar) -> Document:
    """Build the sidecar's container definition: what was asked for, then what is there already, then defaults."""
    if not sidecar.image and not existing.get("image"):
        raise UsageError("the image of the sidecar is not known", hint="give --image, with the registry it is in")
    built = {"name": NAME, "image": sidecar.image, **_defaults(document, others, existing), **existing}
    asked = {
        "image": sidecar.image,
        "command": _command(sidecar.to) if sidecar.to else None,
        "cpu": sidecar.cpu,
        "memory": sidecar.memory,
    }
    built |= {name: value for name, value in asked.items() if value is not None}
    mount = {"sourceVolume": NAME, "containerPath": _DATA_DIR, "readOnly": False}
    built["mountPoints"] = _with(existing.get("mountPoints"), mount, key="sourceVolume")
    return built


def _defaults(document: Document, others: Sequence[Document], existing: Document) -> Document:
    defaults: Document = {
        "essential": False,
        "entryPoint": ["taskscope"],
        "command": _command(("xray",)),
        "healthCheck": {
            "command": ["CMD", "taskscope", "healthcheck"],
            "interval": 10,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 10,
        },
        "readonlyRootFilesystem": True,
    }
    if "EXTERNAL" not in _compatible(document):
        defaults["restartPolicy"] = {"enabled": True}
    if not document.get("memory") and not existing.get("memory"):
        defaults["memoryReservation"] = _RESERVED_MIB
    if (log := _log_configuration(others)) is not None:
        defaults["logConfiguration"] = log
    return defaults


def _command(sinks: Sequence[str]) -> list[str]:
    return ["collect", *(word for sink in sinks for word in ("--to", sink))]


def _own_variables(document: Document, others: Sequence[Document], mode: str, region: str | None) -> Mapping[str, str]:
    """Return the sidecar's settings."""
    variables = {"TASKSCOPE_DATA_DIR": _DATA_DIR}
    if mode == "bridge":
        # Linked containers come over Docker's bridge; no port of the host leads here.
        variables |= {"TASKSCOPE_LISTEN": "0.0.0.0", "TASKSCOPE_INSECURE": "true"}  # noqa: S104 (of that bridge only)
    if mode == "awsvpc" and _has_router(others):
        variables["TASKSCOPE_FLUENT_PORT"] = str(_ROUTER_FLUENT_PORT)
    if region and _compatible(document) != {"FARGATE"}:
        variables["AWS_REGION"] = region
    return variables


def _has_router(others: Sequence[Document]) -> bool:
    return any("firelensConfiguration" in each for each in others)


def _log_configuration(others: Sequence[Document]) -> Document | None:
    """Return where the first app with awslogs writes, with a stream of our own."""
    for app in others:
        log = app.get("logConfiguration") or {}
        if log.get("logDriver") == "awslogs":
            options = {name: value for name, value in (log.get("options") or {}).items() if name in _LOG_OPTIONS}
            return {"logDriver": "awslogs", "options": {**options, "awslogs-stream-prefix": NAME}}
    return None


def _variables(host: str) -> Mapping[str, str]:
    """Return what points the clients of apps at the sidecar."""
    return {
        "AWS_XRAY_DAEMON_ADDRESS": f"{host}:{ports.XRAY}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{host}:{ports.OTLP_HTTP}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "DD_AGENT_HOST": host,
        "DD_DOGSTATSD_PORT": str(ports.STATSD),
        "STATSD_HOST": host,
        "STATSD_PORT": str(ports.STATSD),
    }


def _point(app: Document, variables: Mapping[str, str], *, linked: bool) -> None:
    """Give an app the variables, and let it start after the sidecar and stop before it."""
    secret = {each.get("name") for each in app.get("secrets") or ()}
    _set_missing(app, {name: value for name, value in variables.items() if name not in secret})
    depends = {"containerName": NAME, "condition": "START"}
    app["dependsOn"] = _with(app.get("dependsOn"), depends, key="containerName")
    links = list(app.get("links") or ())
    if linked and not any(each.partition(":")[0] == NAME for each in links):
        app["links"] = [*links, NAME]


def _kept(app: Document, variables: Mapping[str, str]) -> Iterator[str]:
    """Say which variables an app has a value of its own for."""
    own = {each.get("name"): each.get("value") for each in app.get("environment") or ()}
    own |= {each.get("name"): None for each in app.get("secrets") or ()}
    for name, value in variables.items():
        if name in own and own[name] != value:
            yield f"container {app['name']} keeps its own {name}; for the sidecar it would be {value}"


def _set_missing(container: Document, variables: Mapping[str, str]) -> None:
    """Add variables to a container; those that it has keep their values."""
    for name, value in variables.items():
        container["environment"] = _with(container.get("environment"), {"name": name, "value": value}, key="name")


def _with(entries: Sequence[Document] | None, entry: Document, *, key: str) -> list[Document]:
    """Return the entries, and the new one unless there is one of its name."""
    known = list(entries or ())
    return known if any(each.get(key) == entry[key] for each in known) else [*known, entry]


def _warnings(document: Document, others: Sequence[Document], built: Document, mode: str) -> Iterator[str]:
    """Say what a person has to look after."""
    for app in others if mode != "bridge" else ():
        for port in sorted({each.get("containerPort") for each in app.get("portMappings") or ()} & _TAKEN):
            yield f"container {app['name']} has port {port}, which the sidecar listens on: remove one of them"
    if not document.get("taskRoleArn"):
        yield "the task has no task role: what `taskscope iam-policy` prints for the sinks has to be allowed to one"
    if _has_router(others) and mode == "awsvpc":
        yield f"the FireLens router has port {ports.FLUENT}: send its output to 127.0.0.1:{_ROUTER_FLUENT_PORT}"
    variables = {each.get("name") for each in built["environment"]}
    if _compatible(document) != {"FARGATE"} and "AWS_REGION" not in variables:
        yield "the sidecar is not told its region, which only Fargate does by itself: give --region"
