"""A service map as a picture: SVG that stands alone, in light and dark."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final
from xml.sax import saxutils

from taskscope.model.service_map import EdgeKind, MapEdge, MapNode, NodeKind, ServiceMap, Tally
from taskscope.render.figures import count, duration
from taskscope.render.service_map.diagrams import COLORS, worst
from taskscope.render.service_map.layout import Layout, Place, lay_out
from taskscope.render.service_map.text import summary
from taskscope.render.text import escape

_COLUMN: Final = 250
_ROW: Final = 130
_MARGIN: Final = 100
_RADIUS: Final = 28
_RING: Final = 5
_LETTERS: Final = 26
"""Of a name, until it is cut; the whole is in the title that a pointer shows."""
_STYLE: Final = """
  text { font: 12px Inter, system-ui, sans-serif; fill: #1d2329; text-anchor: middle }
  .small { font-size: 11px; fill: #5b6570 }
  .node { fill: #fff }
  .inferred { stroke-dasharray: 3 3 }
  .back { fill: #f7f8fa }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9ec } .small { fill: #9aa5b1 } .node { fill: #1a2027 } .back { fill: #12171c }
  }
"""


def svg(drawn: ServiceMap) -> Iterator[str]:
    """Yield the lines of an SVG document."""
    layout = lay_out(drawn)
    taken = [*layout.nodes.values(), *(each for way in layout.ways.values() for each in way)]
    width = _MARGIN * 2 + _COLUMN * max((at.column for at in taken), default=0)
    height = _MARGIN * 2 + _ROW * max((at.row for at in taken), default=0)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    yield f"<style>{_STYLE}</style>"
    yield '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    yield '<path d="M0 0 8 4 0 8z" fill="#8a94a0"/></marker></defs>'
    yield '<rect class="back" width="100%" height="100%"/>'
    for edge in drawn.edges:
        yield from _edge(edge, layout)
    for node in drawn.nodes:
        yield from _node(node, layout.nodes[node.index])
    yield "</svg>"


def _middle(at: Place) -> tuple[int, int]:
    return _MARGIN + at.column * _COLUMN, _MARGIN + at.row * _ROW


def _edge(edge: MapEdge, layout: Layout) -> Iterator[str]:
    color = COLORS[worst(edge.statistics.tally)]
    dash = ' stroke-dasharray="6 4"' if edge.kind is EdgeKind.LINK else ""
    path, (x, y) = _path(edge, layout)
    said = _text(summary(edge.statistics, lambda text, _: text))
    yield f'<path d="{path}" fill="none" stroke="{color}" stroke-width="1.5"{dash} marker-end="url(#tip)">'
    yield f"<title>{said}</title></path>"
    if total := edge.statistics.tally.total:
        text = f"{count(total)} \u00b7 {duration(edge.statistics.percentile_ns(0.5))}"
        yield f'<text class="small" x="{x:g}" y="{y - 6:g}">{_text(text)}</text>'


def _path(edge: MapEdge, layout: Layout) -> tuple[str, tuple[float, float]]:
    """Return the line of an edge, and the middle of its first part. A line back to a caller is a bow over both."""
    (x1, y1), (x2, y2) = _middle(layout.nodes[edge.source]), _middle(layout.nodes[edge.target])
    if x2 <= x1:
        top = min(y1, y2) - _RADIUS - 34
        line = f"M{x1 - 10} {y1 - _RADIUS} C{x1 - 24} {top} {x2 + 24} {top} {x2 + 10} {y2 - _RADIUS - 6}"
        return line, ((x1 + x2) / 2, top + 16)
    stops = [_middle(each) for each in layout.ways.get((edge.source, edge.target), ())]
    points = [(x1 + _RADIUS + 4, y1), *stops, (x2 - _RADIUS - 6, y2)]
    line = f"M{points[0][0]} {points[0][1]}"
    for (from_x, from_y), (to_x, to_y) in pairwise(points):
        bend = (from_x + to_x) // 2
        line += f" C{bend} {from_y} {bend} {to_y} {to_x} {to_y}"
    return line, ((points[0][0] + points[1][0]) / 2, (points[0][1] + points[1][1]) / 2)


def _node(node: MapNode, at: Place) -> Iterator[str]:
    x, y = _middle(at)
    dashed = " inferred" if node.kind is NodeKind.INFERRED else ""
    yield f"<g><title>{_text(f'{node.key.name} {node.key.type}'.strip())}</title>"
    yield f'<circle class="node{dashed}" cx="{x}" cy="{y}" r="{_RADIUS}" stroke="{COLORS["none"]}"/>'
    yield from _ring(node.statistics.tally, x, y)
    if node.statistics.tally.total:
        yield f'<text x="{x}" y="{y}">{_text(duration(node.statistics.percentile_ns(0.5)))}</text>'
        yield f'<text class="small" x="{x}" y="{y + 13}">{count(node.statistics.tally.total)}</text>'
    yield f'<text x="{x}" y="{y + _RADIUS + 18}">{_text(_cut(node.key.name))}</text>'
    yield f'<text class="small" x="{x}" y="{y + _RADIUS + 33}">{_text(_cut(node.key.type))}</text></g>'


def _ring(tally: Tally, x: int, y: int) -> Iterator[str]:
    """Draw the shares of outcomes around a node, as arcs of a circle whose length is 100."""
    begin = 0.0
    for name, number in (
        ("ok", tally.ok),
        ("error", tally.errors),
        ("throttle", tally.throttles),
        ("fault", tally.faults),
    ):
        if number:
            part = 100 * number / tally.total
            place_of = f'cx="{x}" cy="{y}" r="{_RADIUS}" pathLength="100" transform="rotate(-90 {x} {y})"'
            dash = f'stroke-dasharray="{part:g} {100 - part:g}" stroke-dashoffset="{-begin:g}"'
            yield f'<circle {place_of} fill="none" stroke="{COLORS[name]}" stroke-width="{_RING}" {dash}/>'
            begin += part


def _text(text: str) -> str:
    """Write a text for XML, which has no place for control characters, however they are written."""
    return saxutils.escape(escape(text))


def _cut(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}\u2026"
