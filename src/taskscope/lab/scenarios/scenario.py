"""What a scenario is: steps to be done by API, and the ending that is expected of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do; ``name`` is the service, or the definition's family of a task that is run without one."""

    do: Literal["run-service", "run-task", "stop-task"]
    name: str
    definition: str = ""
    """File name of the task definition, beside ``scenario.json``; empty for ``stop-task``."""
    count: int = 1
    settings: Document = field(default_factory=dict)
    """Further members of CreateService."""
    until: Literal["", "running", "steady"] = ""
    """What to wait for before the next step."""
    after_seconds: float = 0
    reason: str = ""
    """Of ``stop-task``: why, as StopTask takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What must be seen in the end; what is not given is not looked at."""

    running: int = 0
    """Tasks that run, at least."""
    healthy: bool = False
    """Whether every running task must be HEALTHY."""
    stopped: int = 0
    """Stopped tasks, at least, that fit the code, reason and exit codes given here."""
    stop_code: str = ""
    reason: str = ""
    """Part of the stopped reason."""
    exit_codes: Mapping[str, list[int]] = field(default_factory=dict)
    """By container, the exit codes that are right."""
    events: tuple[str, ...] = ()
    """Parts of service events, each of which must have come."""
    rolled_back: bool = False
    """Whether the primary deployment must be complete and of the first step's definition again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Images of the scenario that do not simply pull."""

    missing: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    slow: Mapping[str, float] = field(default_factory=dict)
    """Seconds that the pull takes, by image."""
    entry_points: Mapping[str, list[str]] = field(default_factory=dict)
    """What an image starts, for those of the scenario whose definitions say only what comes after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario, as its folder below ``data/`` says."""

    name: str
    title: str
    shows: tuple[str, ...]
    steps: tuple[Step, ...]
    ending: Ending
    definitions: Mapping[str, Document]
    """Task definitions by file name, placeholders filled in."""
    cluster: str = "shop"
    played_by: Literal["api", "awscli"] = "api"
    """``awscli``: by the command lines of a workshop, which the steps then do not have (scenarios/workshop)."""
    images: Images = Images()
    notes: Mapping[int, str] = field(default_factory=dict)
    """What a reader should know where a container ends with this exit code."""
    function: str = ""
    """Name of the Lambda function that is to hear of the stopped tasks; empty for none."""
    keeps_running: bool = True
    """Whether services stay up after the ending; else they are scaled to 0."""
