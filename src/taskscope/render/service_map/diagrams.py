"""A service map in the languages of diagrams: Mermaid and Graphviz's DOT."""

from collections.abc import Iterator
from typing import Final

from taskscope.model.service_map import EdgeKind, MapNode, NodeKind, ServiceMap, Tally
from taskscope.render.service_map.text import summary
from taskscope.render.text import escape

COLORS: Final = {"fault": "#d93a2f", "throttle": "#8657d9", "error": "#c78a00", "ok": "#2f9e57", "none": "#8a94a0"}
"""X-Ray's: red, purple, yellow, green; grey where nothing was counted."""


def worst(tally: Tally) -> str:
    """Return the key in ``COLORS`` of the worst thing that happened."""
    for number, name in ((tally.faults, "fault"), (tally.throttles, "throttle"), (tally.errors, "error")):
        if number:
            return name
    return "ok" if tally.ok else "none"


def mermaid(drawn: ServiceMap) -> Iterator[str]:
    """Yield a Mermaid flowchart; texts are quoted, and what Mermaid would read in them is written as entities."""
    yield "flowchart LR"
    for node in drawn.nodes:
        first, last = {NodeKind.CLIENT: ('(["', '"])'), NodeKind.INFERRED: ('[("', '")]')}.get(node.kind, ('["', '"]'))
        yield f"  n{node.index}{first}{_entities(label(node))}{last}"
    for edge in drawn.edges:
        arrow = "-.->" if edge.kind is EdgeKind.LINK else "-->"
        text = _entities(summary(edge.statistics, _plain))
        yield f'  n{edge.source} {arrow}|"{text}"| n{edge.target}'
    for number, edge in enumerate(drawn.edges):
        yield f"  linkStyle {number} stroke:{COLORS[worst(edge.statistics.tally)]}"


def dot(drawn: ServiceMap) -> Iterator[str]:
    """Yield a graph for Graphviz."""
    yield "digraph service_map {"
    yield "  rankdir=LR;"
    yield '  node [shape=box, style="rounded", fontname="sans-serif"];'
    yield '  edge [fontname="sans-serif", fontsize=10];'
    for node in drawn.nodes:
        shape = {NodeKind.CLIENT: "ellipse", NodeKind.INFERRED: "cylinder"}.get(node.kind, "box")
        yield f"  n{node.index} [label={_quoted(label(node))}, shape={shape}];"
    for edge in drawn.edges:
        style = ", style=dashed" if edge.kind is EdgeKind.LINK else ""
        color = COLORS[worst(edge.statistics.tally)]
        text = _quoted(summary(edge.statistics, _plain))
        yield f'  n{edge.source} -> n{edge.target} [label={text}, color="{color}"{style}];'
    yield "}"


def label(node: MapNode) -> str:
    """Write a node's name and, on a second line, its type."""
    return f"{node.key.name}\n{node.key.type}" if node.key.type else node.key.name


def _plain(text: str, _style: str) -> str:
    return text


def _entities(text: str) -> str:
    lines = (escape(line) for line in text.split("\n"))
    return "<br>".join(
        "".join(each if each.isalnum() or each in " .,:/%@-_()+" else f"#{ord(each)};" for each in line)
        for line in lines
    )


def _quoted(text: str) -> str:
    lines = (escape(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n"))
    return '"' + "\\n".join(lines) + '"'
