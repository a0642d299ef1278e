"""
What the pages show as typed at a prompt is what the commands print.

A block of ``console`` lines begins with ``$ taskscope …`` or ``$ tracer …``. One that needs no AWS (``--help``,
``--version``, ``iam-policy``, ``completion``, ``--list``) is run as it stands. One after the comment
``<!-- runs against: golden NAME -->`` is run against an embedded AWS with that recorded state, at its time and in its
zone. A line of output that is ``…`` alone stands for any number of lines. All others need an AWS of the reader's.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from taskscope.lab.state_file import read_state
from taskscope.lab.threaded import ThreadedAws

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "fixtures" / "golden"

_BLOCK = re.compile(
    r"(?:<!-- runs against: golden (?P<state>[\w-]+) -->\s*\n)?^```console\n(?P<text>\$ (?:taskscope|tracer)\b.*?)^```",
    re.MULTILINE | re.DOTALL,
)
_ALONE = re.compile(
    r"(?s:(?:taskscope|tracer) (?:.* )?)(?:--?help|-h|--?version|--list|iam-policy\b.*|completion \w+)(?: .*)?"
)


@dataclass(frozen=True)
class Block:
    """One block: what is typed, and what is then printed."""

    page: Path
    line: int
    steps: tuple[tuple[str, str], ...]
    state: str | None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def runs(self) -> bool:
        """Whether everything in it can be run here."""
        return self.state is not None or all(_ALONE.fullmatch(command) for command, _ in self.steps)


def _steps(text: str) -> tuple[tuple[str, str], ...]:
    """Split a block at its prompts; a command goes on after a backslash."""
    steps: list[tuple[str, list[str]]] = []
    lines = iter(text.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            steps[-1][1].append(line)
            continue
        command = line.removeprefix("$ ")
        while command.endswith("\\"):
            command = f"{command}\n{next(lines, '')}"
        steps.append((command, []))
    return tuple((command, "\n".join(printed)) for command, printed in steps)


def blocks_of(page: Path) -> list[Block]:
    """Find the blocks of a page."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, found.start("text")) + 1, _steps(found["text"]), found["state"])
        for found in _BLOCK.finditer(text)
    ]


BLOCKS = [each for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) for each in blocks_of(page)]
RUN = [each for each in BLOCKS if each.runs]


def _matches(expected: str, printed: str) -> bool:
    """Compare, with a line ``…`` for any number of lines."""
    pattern = "".join(r"(?:.*\n)*" if line == "…" else re.escape(f"{line}\n") for line in expected.splitlines())
    return re.fullmatch(pattern, printed) is not None


def _printed(command: str, environment: dict[str, str]) -> str:
    """Run a command as at a prompt; what goes to stderr is seen there too."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TASKSCOPE_", "TRACER_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "TZ": "UTC"}
    ended = subprocess.run(
        ["bash", "-c", command],
        env={**kept, "PATH": path, **nothing, **environment},
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30,
        check=False,
    )  # fmt: skip
    return ended.stdout


def _recorded(block: Block, embedded_aws: Callable[..., ThreadedAws]) -> dict[str, str]:
    """Start an embedded AWS with the block's state; return the environment that shows it."""
    if block.state is None:
        return {}
    file = GOLDEN / block.state / "state.json"
    state = read_state(file)
    zone = json.loads(file.read_text(encoding="utf-8"))["timezone"]
    aws = embedded_aws(states=[state], runner=False, region=state.region)
    return {**aws.environment, "TASKSCOPE_NOW": state.clock.isoformat(), "TZ": zone}


@pytest.mark.parametrize("block", RUN, ids=str)
def test_block_shows_what_is_printed(block: Block, embedded_aws: Callable[..., ThreadedAws]) -> None:
    """Each command of it, in order."""
    environment = _recorded(block, embedded_aws)

    for command, expected in block.steps:
        printed = _printed(command, environment)
        assert _matches(expected, printed), f"{block}: $ {command}\nprints\n{printed}"


def test_blocks_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """How many were run here and how many need an AWS is told, and a marked block names a state that there is."""
    with capsys.disabled():
        print(f"\nconsole blocks of the pages: {len(RUN)} run, {len(BLOCKS) - len(RUN)} need an AWS of the reader's")  # noqa: T201 (told at every run)

    assert {each.state for each in BLOCKS if each.state} <= {each.name for each in GOLDEN.iterdir()}


def test_blocks_are_found_split_and_compared(tmp_path: Path, embedded_aws: Callable[..., ThreadedAws]) -> None:
    """The rules above, shown on a page of this test: also where the pages have no such block."""
    page = tmp_path / "page.md"
    page.write_text(
        "Text\n\n```console\n$ taskscope --version\ntaskscope 0\n$ tracer \\\n  -version\n…\n```\n"
        "```console\n$ taskscope trace prod\n```\n```console\n$ ls\n```\n"
        "<!-- runs against: golden image-pull-typo -->\n\n```console\n$ taskscope trace CLUSTER\nx\n```\n"
    )

    first, second, third = blocks_of(page)

    assert first.steps == (("taskscope --version", "taskscope 0"), ("tracer \\\n  -version", "…"))
    assert [each.runs for each in (first, second, third)] == [True, False, True]
    assert (first.line, third.state) == (4, "image-pull-typo")
    assert _matches("…", _printed("tracer -version", {}))
    assert _matches("a\n…\nd", "a\nb\nc\nd\n")
    assert not _matches("a", "a\nb\n")
    cluster = read_state(GOLDEN / "image-pull-typo" / "state.json").cluster
    assert _matches(cluster, _printed("taskscope trace", _recorded(third, embedded_aws)))
