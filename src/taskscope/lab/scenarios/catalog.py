"""
The scenarios that are shipped, one folder each below ``data/``: ``scenario.json`` and its task definitions.

In all of them ``{programs}`` stands for the folder of our programs and ``{region}`` for the region of the run.
Programs are addressed by file, because a container need not have Taskscope installed.
"""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from taskscope.errors import UsageError
from taskscope.lab.scenarios.scenario import Document, Ending, Images, Scenario, Step

PROGRAMS: Final = Path(__file__).parent / "programs"
_DATA: Final = Path(__file__).parent / "data"


def scenario_names() -> list[str]:
    """Return the names of all scenarios, sorted."""
    return sorted(folder.name for folder in _DATA.iterdir() if (folder / "scenario.json").is_file())


def load_scenario(name: str, *, region: str) -> Scenario:
    """
    Read one scenario, its definitions ready for RegisterTaskDefinition in ``region``.

    Raises:
        UsageError: There is no scenario of this name; the hint gives the nearest.
    """
    names = scenario_names()
    if name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}?" if near else "`taskscope lab scenario --list` shows all"
        raise UsageError(f"there is no scenario {name!r}", hint=hint)
    places = {"{programs}": str(PROGRAMS), "{region}": region}
    definitions = {file.name: fill(_read(file), places) for file in sorted((_DATA / name).glob("task*.json"))}
    return _scenario(name, fill(_read(_DATA / name / "scenario.json"), places), definitions)


def image_marks(region: str) -> Images:
    """Return the images of all scenarios that do not simply pull, for the runner's catalog of images."""
    marks = [load_scenario(name, region=region).images for name in scenario_names()]
    return Images(
        missing=tuple(image for mark in marks for image in mark.missing),
        denied=tuple(image for mark in marks for image in mark.denied),
        slow={image: seconds for mark in marks for image, seconds in mark.slow.items()},
        entry_points={image: line for mark in marks for image, line in mark.entry_points.items()},
    )


def fill(value: Any, places: Mapping[str, str]) -> Any:
    """Replace placeholders in every string of a JSON document."""
    if isinstance(value, dict):
        return {key: fill(member, places) for key, member in value.items()}
    if isinstance(value, list):
        return [fill(member, places) for member in value]
    if isinstance(value, str):
        for place, text in places.items():
            value = value.replace(place, text)
    return value


def _read(file: Path) -> Document:
    document: Document = json.loads(file.read_text(encoding="utf-8"))
    return document


def _scenario(name: str, document: Document, definitions: Mapping[str, Document]) -> Scenario:
    """Build the typed scenario; a member that its type does not have is a ``TypeError``, which a test looks for."""
    ending = dict(document.pop("ending"))
    images = document.pop("images", {})
    return Scenario(
        name=name,
        shows=tuple(document.pop("shows")),
        steps=tuple(Step(**step) for step in document.pop("steps")),
        ending=Ending(events=tuple(ending.pop("events", ())), **ending),
        images=Images(
            missing=tuple(images.get("missing", ())),
            denied=tuple(images.get("denied", ())),
            slow=images.get("slow", {}),
            entry_points=images.get("entry_points", {}),
        ),
        notes={int(code): text for code, text in document.pop("notes", {}).items()},
        definitions=definitions,
        **document,
    )
