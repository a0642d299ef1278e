"""The live screen of ``taskscope top``: asks in the background, draws, and does what the keys say."""

import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from rich.live import Live

from taskscope.cli.fleet.keyboard import Key, Keyboard, keyboard
from taskscope.cli.fleet.top import is_ascii
from taskscope.cli.options import wants_color
from taskscope.cli.streams import reader_gone
from taskscope.client.usage import UsageClient
from taskscope.clock import SECOND
from taskscope.errors import TaskscopeError, UnavailableError
from taskscope.model.resource_usage import LiveView
from taskscope.render.table import console
from taskscope.render.top.lines import SORTS, Line, lines
from taskscope.render.top.screen import Look, screen

_DRAW_SECONDS: Final = 1.0
"""How often ages are drawn anew, and how long a change of the terminal's size may wait."""
_SORTS: Final = tuple(SORTS)


@dataclass
class Watch:
    """
    Asks for what runs, again and again, in a thread of its own: a slow server does not keep keys waiting.

    The first answer is waited for, and its errors are the command's; of later ones the screen tells, and it is tried
    again.
    """

    client: UsageClient
    cluster: str
    service: str
    interval_seconds: float
    view: LiveView = field(init=False)
    got_at: float = field(init=False)
    """When the view came, of the monotonic clock."""
    trouble: str = field(default="", init=False)
    _failure: TaskscopeError | None = field(default=None, init=False)

    def start(self) -> None:
        """
        Ask for the first time, then in the background.

        Raises:
            TaskscopeError: As the client says.
        """
        self._ask()
        threading.Thread(target=self._run, name="top", daemon=True).start()

    def check(self) -> None:
        """
        Tell of an answer that another try would not change.

        Raises:
            TaskscopeError: As the client says.
        """
        if self._failure is not None:
            raise self._failure

    @property
    def scope(self) -> str:
        """What is watched, for people."""
        return " ".join(filter(None, (self.cluster, self.service))) or "all clusters"

    @property
    def now_ns(self) -> int:
        """The server's time: clocks of two machines may differ by more than a reading is old."""
        return self.view.now_ns + int((time.monotonic() - self.got_at) * SECOND)

    def _ask(self) -> None:
        view = self.client.live(cluster=self.cluster, service=self.service)
        self.view, self.got_at = view, time.monotonic()

    def _run(self) -> None:
        while self._failure is None:
            time.sleep(self.interval_seconds)
            try:
                self._ask()
                self.trouble = ""
            except UnavailableError as error:
                self.trouble = error.message
            except TaskscopeError as error:
                self._failure = error


def watch(source: Watch, *, sort: str, text: str) -> None:
    """
    Draw until the one who looks leaves.

    Raises:
        TaskscopeError: The first answer, or one that another try would not change, is an error.
    """
    source.start()
    looking = Looking(Look(sort=sort, text=text))
    drawing = console(color=True, width=None)
    drawing.no_color = not wants_color("auto")  # what moves the cursor is wanted all the same
    ascii_only = is_ascii()  # while rich draws, stdout is something else
    with keyboard() as keys, Live(console=drawing, screen=True, auto_refresh=False, transient=True) as live:
        while not reader_gone():
            source.check()
            shown = looking.lines(source.view, source.now_ns)
            size = shutil.get_terminal_size()
            picture = screen(
                source.view, shown, looking.look, scope=source.scope, width=size.columns, height=size.lines,
                now_ns=source.now_ns, trouble=source.trouble, ascii_only=ascii_only,
            )  # fmt: skip
            live.update(picture, refresh=True)
            if not looking.take(_keys(keys), shown):
                return


def _keys(keys: Keyboard | None) -> Sequence[Key]:
    if keys is None:
        time.sleep(_DRAW_SECONDS)
        return ()
    return keys.wait(_DRAW_SECONDS)


class Looking:
    """What the one who looks has chosen, from key to key."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._selected: tuple[str, str] | None = None

    def lines(self, view: LiveView, now_ns: int) -> Sequence[Line]:
        """Return the lines to show; the selected one is found again, wherever it has moved."""
        shown = list(
            lines(view.tasks, now_ns=now_ns, sort=self.look.sort, text=self.look.text, folded=self.look.folded)
        )
        found = next((number for number, line in enumerate(shown) if line.identity == self._selected), None)
        selected = min(self.look.selected, len(shown) - 1) if found is None else found
        self.look = replace(self.look, selected=max(0, selected))
        return shown

    def take(self, keys: Sequence[Key], shown: Sequence[Line]) -> bool:
        """Do what keys say; False when one says to leave."""
        for key in keys:
            if self.look.typing:
                self._type(key)
            elif key == "q":
                return False
            else:
                self._do(key, shown)
        return True

    def _type(self, key: Key) -> None:
        if key == "enter":
            self.look = replace(self.look, typing=False)
        elif key == "escape":
            self.look = replace(self.look, typing=False, text="")
        elif key == "backspace":
            self.look = replace(self.look, text=self.look.text[:-1])
        elif len(key) == 1:
            self.look = replace(self.look, text=self.look.text + key)

    def _do(self, key: Key, shown: Sequence[Line]) -> None:
        moves = {
            "up": -1,
            "k": -1,
            "down": 1,
            "j": 1,
            "page up": -10,
            "page down": 10,
            "home": -len(shown),
            "end": len(shown),
        }
        if key in moves:
            self._select(self.look.selected + moves[key], shown)
        elif key == "s":
            following = _SORTS[(_SORTS.index(self.look.sort) + 1) % len(_SORTS)]
            self.look = replace(self.look, sort=following)
        elif key == "/":
            self.look = replace(self.look, typing=True)
        elif key == "escape":
            self.look = replace(self.look, text="")
        elif key == "enter" and shown:
            self._fold(shown)

    def _select(self, number: int, shown: Sequence[Line]) -> None:
        selected = max(0, min(number, len(shown) - 1))
        self._selected = shown[selected].identity if shown else None
        self.look = replace(self.look, selected=selected)

    def _fold(self, shown: Sequence[Line]) -> None:
        """Fold the selected line's task or open it; the task's own line is the selected one then."""
        task = shown[self.look.selected].task
        self._selected = (task.arn, "")
        self.look = replace(self.look, folded=frozenset(self.look.folded) ^ {task.arn})
