"""Which log records are meant."""

import re
from typing import Final, TypedDict

from taskscope.errors import UsageError
from taskscope.model.ids import trace_id_from_xray, trace_id_to_xray
from taskscope.model.window import Window
from taskscope.query.logs.columns import CONTAINER, GROUPS, LEVEL, LEVELS, STREAMS, TASK
from taskscope.query.logs.condition import Condition, between
from taskscope.query.logs.pattern import Pattern, plan_pattern
from taskscope.query.logs.words import split_words

_GLOB: Final = re.compile(r"[*?]|\[[^\]]+\]")
NO_LEVEL: Final = "none"
"""What ``severity`` calls records without one."""


class LogFilters(TypedDict, total=False):
    """What a question may name; all that it names has to hold, and what is empty is not named."""

    text: str
    """Words that occur in the body or in a value of an attribute, whatever their case; quotes keep blanks inside."""
    pattern: str
    """Filter pattern of CloudWatch Logs; see ``query.logs.pattern``."""
    service: str
    group: str
    """Name of a log group, or a pattern with ``*``, ``?`` and ``[…]``; several with commas between."""
    stream: str
    """As ``group``."""
    task: str
    """ARN or id of a task, or how the id begins."""
    container: str
    """Names, with commas between."""
    cluster: str
    """Name of the cluster of a task."""
    ecs_service: str
    """Name of the ECS service of a task, as ECS said whose task it is."""
    severity: str
    """Levels with commas between, ``warn+`` for that and all above; ``none`` for records without one."""
    trace_id: str
    """
    In one of its two spellings: of records that name the trace; or whose text does, and that were written within a
    quarter of an hour of what else is known of it. Where nothing is, of any time.
    """


def plan_filters(filters: LogFilters, text_within: Window | None = None) -> Pattern:
    """
    Turn filters into SQL, and what SQL cannot say into a function.

    ``text_within`` is when a text may name the trace that is asked for; None is any time.

    Raises:
        UsageError: A filter cannot be read.
    """
    pattern = plan_pattern(filters.get("pattern", ""))
    parts = [
        _service(filters.get("service", "")),
        _task(filters.get("task", "")),
        _names(f"[{CONTAINER}]", filters.get("container", "")),
        _cluster(filters.get("cluster", "")),
        _ecs_service(filters.get("ecs_service", "")),
        _names(GROUPS, filters.get("group", "")),
        _names(STREAMS, filters.get("stream", "")),
        _severity(filters.get("severity", "")),
        _trace(filters.get("trace_id", ""), text_within),
        *map(_word, split_words(filters.get("text", ""))),
        pattern.condition,
    ]
    return Pattern(Condition.all(*parts), pattern.matches)


def _service(service: str) -> Condition:
    return Condition.of("ServiceName = ?", service) if service else Condition()


def _task(task: str) -> Condition:
    if not task:
        return Condition()
    if task.startswith("arn:"):
        return Condition.of(f"{TASK} = ?", task)
    return Condition.of(f"startsWith(splitByChar('/', {TASK})[-1], ?)", task)


def _cluster(cluster: str) -> Condition:
    if not cluster:
        return Condition()
    name = cluster.rpartition("/")[2]
    arn = "splitByChar('/', ResourceAttributes['aws.ecs.cluster.arn'])[-1]"
    return Condition.any(
        Condition.of(f"splitByChar('/', {TASK})[2] = ?", name),
        Condition.of(f"{arn} = ?", name),
        Condition.of("ResourceAttributes['aws.ecs.cluster.name'] = ?", name),
    )


def _ecs_service(service: str) -> Condition:
    if not service:
        return Condition()
    name = service.rpartition("/")[2]
    tasks = "(SELECT Arn FROM ecs_tasks WHERE splitByChar('/', ServiceArn)[-1] = ?)"
    return Condition.of(TASK + " IN " + tasks, name)


def _names(names: str, wanted: str) -> Condition:
    told = [each.strip() for each in wanted.split(",") if each.strip()]
    plain = tuple(each for each in told if not _GLOB.search(each))
    parts = [Condition.of(f"hasAny({names}, ?)", plain)] if plain else []
    parts += [
        Condition.of(f"arrayExists(x -> match(x, ?), {names})", glob_expression(each))
        for each in told
        if _GLOB.search(each)
    ]
    return Condition.any(*parts)


def glob_expression(glob: str) -> str:
    """Return the regular expression of a pattern with ``*``, ``?`` and ``[…]``, for the whole of a name."""
    pieces = []
    for found in re.finditer(r"\*|\?|\[(!?)([^\]]+)\]|[^*?\[]+|\[", glob):
        piece = found[0]
        if piece in "*?":
            pieces.append({"*": ".*", "?": "."}[piece])
        elif found[2]:
            inside = re.sub(r"([\\\[^])", r"\\\1", found[2])
            pieces.append(f"[{'^' if found[1] else ''}{inside}]")
        else:
            pieces.append(re.escape(piece))
    return f"^(?s:{''.join(pieces)})$"


def _severity(text: str) -> Condition:
    levels: list[str] = []
    for each in filter(None, (part.strip().lower() for part in text.split(","))):
        name = each.removesuffix("+")
        if name == NO_LEVEL and each == name:
            levels.append("")
        elif name in LEVELS:
            levels += LEVELS[LEVELS.index(name) :] if each != name else [name]
        else:
            raise UsageError(f"{each!r} is no level", hint=f"there are {', '.join([*LEVELS, NO_LEVEL])}, and warn+")
    return Condition.of(f"has(?, {LEVEL})", tuple(levels)) if levels else Condition()


def _trace(text: str, text_within: Window | None) -> Condition:
    if not text:
        return Condition()
    trace_id = read_trace_id(text)
    named = Condition.of("multiSearchAny(Body, ?)", (trace_id.hex(), trace_id_to_xray(trace_id)))
    if text_within is not None:
        named = Condition.all(between(*text_within), named)
    return Condition.any(Condition.of("TraceId = ?", trace_id.hex()), named)


def read_trace_id(text: str) -> bytes:
    """
    Read the id of a trace in one of its two spellings.

    Raises:
        UsageError: It is none.
    """
    try:
        return trace_id_from_xray(text.lower())
    except ValueError as error:
        raise UsageError(str(error)) from None


def _word(word: str) -> Condition:
    here = "positionCaseInsensitiveUTF8"
    return Condition.of(
        f"({here}(Body, ?) > 0 OR arrayExists(x -> {here}(x, ?) > 0, mapValues(LogAttributes)))", word, word
    )
