"""The picture of what runs: it fits, and says what it shows."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from taskscope.clock import SECOND
from taskscope.model.resource_usage import Level, LiveContainer, LiveTask, LiveView, ResourceKey, Usage
from taskscope.render.top.lines import lines
from taskscope.render.top.screen import Look, screen

_NOW = 1_790_000_000 * SECOND
_USAGE = Usage(0.25, 0.5, 0.5, 3 << 27, 1 << 29, 0.75, 2048.0, None, 0.0, 5e6)


def _view(count: int = 3, *, status: str = "RUNNING") -> LiveView:
    read = _NOW - 5 * SECOND
    tasks = tuple(
        LiveTask(
            ResourceKey(Level.TASK, "shop", f"web-{number}", f"{number:032x}"), f"arn:{number}", _USAGE, status,
            "HEALTHY", 2, read_ns=read, cpu_history=(0.0, 0.5),
            containers=(LiveContainer("app\x1b[31m", _USAGE, status, read_ns=read),),
        )
        for number in range(count)
    )  # fmt: skip
    return LiveView(_NOW, tasks, left_out=7)


def _drawn(view: LiveView, look: Look, width: int = 120, height: int = 20, **more: object) -> list[str]:
    out = io.StringIO()
    shown = list(lines(view.tasks, now_ns=_NOW, sort=look.sort, text=look.text, folded=look.folded))
    picture = screen(
        view, shown, look, scope="shop", width=width, height=height, now_ns=_NOW, **more  # type: ignore[arg-type]  # as told
    )  # fmt: skip
    Console(file=out, width=width, height=height, force_terminal=False).print(picture, end="")
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 160, 240])
@pytest.mark.parametrize("count", [0, 1, 30])
def test_it_fits_any_terminal(width: int, count: int) -> None:
    """No line is too long, none too many, and the selected one is there."""
    look = Look(selected=count * 2 - 1)
    drawn = _drawn(_view(count), look, width=width)

    assert len(drawn) == 20
    assert max(map(len, drawn)) <= width
    if count > 1:
        assert "app" in drawn[-2]


def test_a_wide_terminal_has_every_column() -> None:
    """With what each shows."""
    drawn = "\n".join(_drawn(_view(1), Look(), width=200))

    for text in ("STATE", "75%", "384 MiB", "50%", "0.25", "2KiB", "4.77MiB", "healthy", "RST", "CPU, 5 MIN", "\u2588"):
        assert text in drawn
    assert "1 task, 1 container" in drawn
    assert "CPU 0.25 of 0.5 (50%)  memory 384 MiB of 512 MiB" in drawn
    assert "read 5s ago" in drawn
    assert r"app\x1b[31m" in drawn


def test_what_nobody_measured_is_no_nought() -> None:
    """As the network of tasks of mode host, or all where no task is there."""
    view = LiveView(_NOW, tuple(replace(each, usage=replace(_USAGE, network_rx=None)) for each in _view(2).tasks))

    assert "network - in, - out" in "\n".join(_drawn(view, Look()))
    assert "network 4 KiB/s in, - out" in "\n".join(_drawn(_view(2), Look()))
    assert "CPU -  memory -  network - in, - out" in "\n".join(_drawn(LiveView(_NOW, ()), Look()))


def test_what_is_left_out_filtered_or_wrong_is_said() -> None:
    """Nothing is cut silently."""
    drawn = "\n".join(_drawn(_view(30), Look(text="web", typing=True), trouble="the server is away"))

    for text in ("7 tasks more are not shown", "filter: web_", "of 60", "the server is away"):
        assert text in drawn
    assert "no task has this in a name" in "\n".join(_drawn(_view(1), Look(text="x")))
    assert "no task was measured" in "\n".join(_drawn(LiveView(_NOW, ()), Look()))


def test_what_stopped_says_so_without_a_column_of_states() -> None:
    """On a narrow terminal in place of its CPU."""
    drawn = "\n".join(_drawn(_view(1, status="STOPPED"), Look(), width=50))

    assert "STATE" not in drawn
    assert "STOPPED" in drawn
    assert "0 tasks" in drawn


@pytest.mark.parametrize(("width", "bars"), [(80, True), (70, True), (60, False), (48, False)])
def test_memory_is_there_before_bars_are(width: int, bars: bool) -> None:  # noqa: FBT001 (a case)
    """Both limits can end a task; bars say again what percents say."""
    drawn = "\n".join(_drawn(_view(1), Look(), width=width))

    assert "MEMORY OF LIMIT" in drawn
    assert "75%  384 MiB" in drawn
    assert ("\u2501" in drawn) is bars


def test_a_stream_without_blocks_gets_plain_characters() -> None:
    """Of ASCII alone."""
    drawn = "\n".join(_drawn(_view(2), Look(), width=200, ascii_only=True))

    assert drawn.isascii()
    assert "####...." in drawn
