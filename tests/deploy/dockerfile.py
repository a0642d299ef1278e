"""Reads a Dockerfile, and carries out its steps without an engine: in a folder that stands for the root of an image."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_INDEX = re.compile(r"(?:PIP|UV|SSL|REQUESTS|CURL)_\w+|(?:https?|no|all)_proxy", re.IGNORECASE)
"""Variables that say where packages come from on this machine; steps get no others of it."""
_OWN = re.compile(r"(?<![\w.])/(?=(?:build|opt|var)\b)")
"""Begins a path of the image's own."""


@dataclass(frozen=True)
class Step:
    """One instruction."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """Its arguments, of the exec form or of the other; flags are among them."""
        words: list[str] = json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)
        return words

    @property
    def pairs(self) -> dict[str, str]:
        """The ``NAME=VALUE`` of ENV, LABEL and ARG."""
        return dict(each.split("=", 1) for each in self.words if "=" in each)

    @property
    def command(self) -> list[str]:
        """The exec form of ENTRYPOINT and of HEALTHCHECK; a shell's is an error."""
        found: list[str] = json.loads(self.text[self.text.index("[") :])
        return found


@dataclass(frozen=True)
class Stage:
    """From one FROM to the next."""

    name: str
    base: str
    steps: list[Step] = field(default_factory=list)

    def all(self, name: str) -> list[Step]:
        """Return the steps of a kind."""
        return [each for each in self.steps if each.name == name]


class Dockerfile:
    """The stages of a file by name; ARG before the first FROM is filled in."""

    def __init__(self, path: Path) -> None:
        self.stages: dict[str, Stage] = {}
        given: dict[str, str] = {}
        stage = None
        for step in _steps(path.read_text(encoding="utf-8")):
            if step.name == "ARG" and stage is None:
                given |= step.pairs
            elif step.name == "FROM":
                base, _, name = step.text.partition(" AS ")
                for each, value in given.items():
                    base = base.replace(f"${{{each}}}", value)
                stage = self.stages[name] = Stage(name, base)
            else:
                assert stage is not None, f"{step.name} before FROM"
                stage.steps.append(step)

    def lineage(self, name: str) -> list[Stage]:
        """Return a stage after those that it builds upon."""
        stage = self.stages[name]
        return [*(self.lineage(stage.base) if stage.base in self.stages else []), stage]

    def steps(self, target: str) -> list[Step]:
        """Return what makes a target, from its first base on."""
        return [step for stage in self.lineage(target) for step in stage.steps]

    def last(self, target: str, name: str) -> Step:
        """Return the step of a kind that counts."""
        return [each for each in self.steps(target) if each.name == name][-1]

    def environment(self, target: str) -> dict[str, str]:
        """Return the ENV of a target."""
        return {name: value for step in self.steps(target) if step.name == "ENV" for name, value in step.pairs.items()}


def _steps(text: str) -> Iterator[Step]:
    lines = "\n".join(line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        name, _, rest = line.partition(" ")
        yield Step(name, " ".join(rest.split()))


class Image:
    """A target that is built below a folder: absolute paths of its file are paths below it."""

    def __init__(self, file: Dockerfile, target: str, *, context: Path, root: Path, python: str) -> None:
        """``python`` takes the place of the base image."""
        self.file, self.target, self.context, self.root = file, target, context, root
        (root / "usr/local/bin").mkdir(parents=True)
        (root / "usr/local/bin/python").symlink_to(python)

    def rooted(self, text: str) -> str:
        """Put the image's paths below the root, and the present user in the place of its user unless that is root."""
        text = _OWN.sub(f"{self.root}/", text)
        return text if os.getuid() == 0 else text.replace("10001", str(os.getuid()))

    def build(self) -> None:
        """Carry out the steps of the stages that are copied from, and of the target; only the target's files stay."""
        for step in self.file.steps(self.target):
            if step.name == "COPY" and step.text.startswith("--from="):
                self._carry_out(step.words[0].removeprefix("--from="))
        self._carry_out(self.target)
        shutil.rmtree(self.root / "build")

    def _carry_out(self, target: str) -> None:
        folder = self.root
        variables = {name: value for name, value in os.environ.items() if _INDEX.fullmatch(name)}
        variables |= {"PATH": f"{self.root}/usr/local/bin:/usr/bin:/bin", "HOME": str(self.root)}
        for step in self.file.steps(target):
            if step.name == "WORKDIR":
                folder = Path(self.rooted(step.text)) if step.text != "/" else self.root
                folder.mkdir(exist_ok=True)
            elif step.name == "RUN":
                command = ["sh", "-euc", self.rooted(step.text)]
                subprocess.run(command, cwd=folder, env=variables | self._set(target), check=True, timeout=300)
            elif step.name == "COPY":
                self._copy(step, folder)

    def _set(self, target: str) -> dict[str, str]:
        """Return the ENV that steps of building see; PATH and HOME stay those of the folder."""
        given = self.file.environment(target)
        return {name: self.rooted(value) for name, value in given.items() if name not in {"PATH", "HOME"}}

    def _copy(self, step: Step, folder: Path) -> None:
        *sources, to = step.words
        if sources[0].startswith("--from="):
            assert Path(self.rooted(to)).exists(), f"{sources} is not there"
            return
        target = self.root / to[1:] if to.startswith("/") else folder / to
        for source in sources:
            found = self.context / source
            if found.is_dir():
                shutil.copytree(found, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
            elif to.endswith("/"):
                target.mkdir(exist_ok=True)
                shutil.copy(found, target)
            else:
                shutil.copy(found, target)

    def environment(self) -> dict[str, str]:
        """Return the ENV of the image, with its paths below the root."""
        return {name: self.rooted(value) for name, value in self.file.environment(self.target).items()}
