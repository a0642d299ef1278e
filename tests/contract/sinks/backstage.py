"""What the kit needs to know of a sink: how to make one, and what is behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from taskscope.model.batch import Encoded, Row, Signal
from taskscope.sinks.api import Sink

BAD = "poison"
"""In the name of a row that whatever is behind the sink refuses for ever."""


@dataclass
class Backstage:
    """A sink's backend, as far as the kit plays with it."""

    sink: Sink
    arrived: Callable[[], list[str]]
    """Names of the rows that arrived, once for each time."""
    row: Callable[[str], Row]
    """Makes a row with a name, of the signal below."""
    signal: Signal
    encode: Mapping[Encoded, Callable[[list[str]], bytes]] = field(default_factory=dict)
    """Makes bodies of rows with names, of each form of that signal that the sink takes."""
    switch: Callable[[bool], None] = field(default=lambda _: None)
    """Ends an outage (True) or begins one (False)."""
    once: bool = False
    """Whether a token that comes again is taken once only."""
