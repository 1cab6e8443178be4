"""Drawings of a page as SVG: the curve of a training, and who was started from whom.

Colours are classes of the page's style sheet, so that the same drawing is right in the dark. Nothing is drawn by
scripts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sprachbund.lab.card import Curve
from sprachbund.report.markup import Markup, element

__all__ = ["Node", "curve", "layers", "lineage"]

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 280, 64, 30, 14, 46
_TICKS = 5
_BOX, _TALL, _GAP, _STEP = 168, 40, 60, 54
_TITLE, _ABOUT = 18, 24
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def curve(drawn: Curve) -> Markup:
    """A measure over the training; "" where there are less than two points."""
    if len(drawn.points) < 2:
        return Markup("")
    xs, ys = ([point[axis] for point in drawn.points] for axis in (0, 1))
    across, up = _ticks(min(xs), max(xs)), _ticks(min(ys), max(ys))

    def x(value: float) -> float:
        return round(_LEFT + (value - across[0]) / (across[-1] - across[0]) * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        return round(_TOP + (up[-1] - value) / (up[-1] - up[0]) * (_HEIGHT - _TOP - _BOTTOM), 1)

    floor = _HEIGHT - _BOTTOM
    net = [element("path", d=f"M{_LEFT} {y(value)}H{_WIDTH - _RIGHT}", class_="net") for value in up]
    net += [element("path", d=f"M{x(value)} {_TOP}V{floor}", class_="net") for value in across]
    marks = [
        element("text", _short(value), x=_LEFT - 7, y=y(value) + 4, text_anchor="end", class_="soft") for value in up
    ]
    marks += [
        element("text", _short(value), x=x(value), y=floor + 17, text_anchor="middle", class_="soft")
        for value in across
    ]
    titles = [
        element("text", drawn.x, x=(_LEFT + _WIDTH - _RIGHT) / 2, y=_HEIGHT - 8, text_anchor="middle"),
        element("text", drawn.y, x=14, y=(_TOP + floor) / 2, text_anchor="middle",
                transform=f"rotate(-90 14 {(_TOP + floor) / 2})"),
    ]  # fmt: skip
    line = element("path", d="M" + "L".join(f"{x(a)} {y(b)}" for a, b in drawn.points), class_="curve")
    dots = [
        element("circle", element("title", f"{_short(a)}: {b:.4g}"), cx=x(a), cy=y(b), r=3, class_="dot")
        for a, b in drawn.points[-60:]
        if len(drawn.points) <= 60
    ]
    said = f"{drawn.y}, from {ys[0]:.4g} to {ys[-1]:.4g} over {_short(xs[-1])} {drawn.x}"
    return element(
        "svg", element("title", said), net, line, dots, marks, titles,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", aria_label=said, class_="plot",
    )  # fmt: skip


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers that span a range, at most six or so."""
    if high <= low:
        low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in _STEPS if each * power >= rough * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _short(value: float) -> str:
    """A number for an axis: 12,000 as 12k."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{letter}"
    return f"{value:.4g}"


@dataclass(frozen=True)
class Node:
    """A model in a drawing of lineage.

    Attributes:
        key: what edges name it by. title: the first line. about: the second. where: a link, "" for none.
        state: "here", "removed" or "elsewhere". chosen: whether the page is about it.
    """

    key: str
    title: str
    about: str
    where: str = ""
    state: str = "here"
    chosen: bool = False


def lineage(nodes: Sequence[Node], edges: Sequence[tuple[str, str]]) -> Markup:
    """Starts on the left, heirs on the right.

    Args:
        edges: (start, heir) by the keys of nodes.
    """
    depth = layers([node.key for node in nodes], edges)
    rows = _rows([node.key for node in nodes], edges, depth)
    place = {key: (12 + level * (_BOX + _GAP), 10 + rows[key] * _STEP) for key, level in depth.items()}
    width = 24 + (1 + max(depth.values(), default=0)) * (_BOX + _GAP) - _GAP
    height = 20 + (1 + max(rows.values(), default=0)) * _STEP - (_STEP - _TALL)
    lines = [_edge(place[start], place[heir]) for start, heir in edges]
    said = "; ".join(f"{heir} from {start}" for start, heir in _named(nodes, edges)) or "no model goes on from another"
    drawn = element(
        "svg", element("title", said), lines, [_node(node, *place[node.key]) for node in nodes],
        viewBox=f"0 0 {width} {height}", width=width, height=height, role="img", aria_label=said, class_="lineage",
    )  # fmt: skip
    return element("div", drawn, class_="scroll", tabindex="0", role="region", aria_label="lineage, scrolls sideways")


def layers(keys: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """How far each is from the beginning of its longest chain; a ring, which no honest zoo has, ends nothing."""
    depth = dict.fromkeys(keys, 0)
    for _ in keys:
        changed = False
        for start, heir in edges:
            if depth[heir] < depth[start] + 1 and depth[start] + 1 < len(keys):
                depth[heir], changed = depth[start] + 1, True
        if not changed:
            break
    return depth


def _rows(keys: Sequence[str], edges: Sequence[tuple[str, str]], depth: Mapping[str, int]) -> dict[str, int]:
    """A row for each in its layer, beside its start where that is free."""
    rows: dict[str, int] = {}
    taken: dict[int, int] = {}
    for key in sorted(keys, key=lambda key: (depth[key], keys.index(key))):
        above = [rows[start] for start, heir in edges if heir == key and start in rows]
        rows[key] = max(taken.get(depth[key], 0), min(above, default=0))
        taken[depth[key]] = rows[key] + 1
    return rows


def _edge(start: tuple[float, float], heir: tuple[float, float]) -> Markup:
    x, y, to, end = start[0] + _BOX, start[1] + _TALL / 2, heir[0], heir[1] + _TALL / 2
    middle = (x + to) / 2
    line = element("path", d=f"M{x} {y}C{middle} {y} {middle} {end} {to} {end}", class_="line")
    return Markup(line + element("path", d=f"M{to} {end}l-7 -4v8z", class_="tip"))


def _node(node: Node, x: float, y: float) -> Markup:
    inside = [
        element("title", f"{node.title}: {node.about}"),
        element("rect", x=x, y=y, width=_BOX, height=_TALL, rx=6),
        element("text", _cut(node.title, _TITLE), x=x + 10, y=y + 17, class_="name"),
        element("text", _cut(node.about, _ABOUT), x=x + 10, y=y + 32, class_="soft"),
    ]
    group = element("g", inside, class_=f"{node.state}{' chosen' if node.chosen else ''}")
    return element("a", group, href=node.where) if node.where and not node.chosen else group


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _named(nodes: Sequence[Node], edges: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    titles = {node.key: node.title for node in nodes}
    return [(titles[start], titles[heir]) for start, heir in edges]
