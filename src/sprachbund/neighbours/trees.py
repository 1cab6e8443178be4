"""Two dependency trees side by side as one SVG: the post's figure 4 for any two sentences.

Words stand in a row as the language writes them, from the right where its script does, each with its part of speech
below; an arc goes from a head to what it governs, with the relation on it. Arcs that both trees have are drawn whole,
those that only one has are dashed and of another colour: so neither colour nor dashes alone tell them apart. Text and
lines take their colours from the reader's light or dark scheme. The file needs nothing else and draws no text of its
own accord: what strangers wrote is escaped.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from sprachbund.corpus.sources.conllu import Sentence
from sprachbund.errors import SettingsError

__all__ = ["MOST_WORDS", "Arc", "Labelled", "arcs_of_sentence", "from_right", "levels", "shared_arcs", "two_trees"]

MOST_WORDS = 60
"""Of a sentence that is drawn; beyond that nobody follows an arc."""
_BESIDE = 1_100
"""Width up to which two trees stand side by side, pixels; wider ones stand one above the other."""
_SIZE, _SMALL = 17.0, 12.0
_GAP, _STEP, _MARGIN, _BETWEEN = 22.0, 30.0, 24.0, 48.0
_FOOT, _TITLE = 46.0, 54.0
_STYLE = """
svg {
  color-scheme: light dark;
  --ground: #fbfaf8; --text: #1d2226; --soft: #5c656d; --same: #1f62b0; --apart: #b0530a;
}
@media (prefers-color-scheme: dark) {
  svg { --ground: #15181b; --text: #e3e6e8; --soft: #9ba4ac; --same: #79b3f2; --apart: #f0a160; }
}
text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--text); }
.ground { fill: var(--ground); } .title { font-size: 15px; font-weight: 600; }
.said, .tag, .note { font-size: 12px; fill: var(--soft); } .word { font-size: 17px; text-anchor: middle; }
.tag { text-anchor: middle; } .arc { fill: none; stroke-width: 1.6; } .same { stroke: var(--same); }
.apart { stroke: var(--apart); stroke-dasharray: 5 3; } .point { stroke: none; }
.point.same { fill: var(--same); } .point.apart { fill: var(--apart); }
.label { font-size: 12px; text-anchor: middle; paint-order: stroke; stroke: var(--ground); stroke-width: 4px; }
.label.same { fill: var(--same); stroke: var(--ground); }
.label.apart { fill: var(--apart); stroke: var(--ground); stroke-dasharray: none; }
"""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence and what stands above it: the name of its language, its code, where it comes from."""

    sentence: Sentence
    language: str
    code: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Arc:
    """From a head to a dependent, places from 0; ``kind`` is what `syntax.arcs` counts: tags, bare relation, side."""

    head: int
    dependent: int
    relation: str
    kind: tuple[str, str, str, bool]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A tree in pixels, its upper left corner at 0, 0."""

    parts: tuple[str, ...]
    width: float
    height: float


def arcs_of_sentence(sentence: Sentence) -> list[Arc]:
    """The arcs of a tree, in the order of the dependents; the root hangs on none."""
    words = enumerate(zip(sentence.tags, sentence.heads, sentence.relations, strict=True))
    return [
        Arc(head - 1, place, relation, (sentence.tags[head - 1], relation.partition(":")[0], tag, place > head - 1))
        for place, (tag, head, relation) in words
        if head
    ]


def shared_arcs(one: Sentence, other: Sentence) -> tuple[list[bool], list[bool]]:
    """Of each arc of two sentences whether the other sentence has it too, counted as often as there."""
    first, second = arcs_of_sentence(one), arcs_of_sentence(other)
    common = Counter(arc.kind for arc in first) & Counter(arc.kind for arc in second)
    return _counted_off(first, common), _counted_off(second, common)


def levels(arcs: Sequence[Arc]) -> list[int]:
    """How high each arc is drawn, from 1: above all that lie within it, and above shorter ones that it crosses."""
    order = sorted(range(len(arcs)), key=lambda each: abs(arcs[each].head - arcs[each].dependent))
    found = [0] * len(arcs)
    placed: list[tuple[int, int, int]] = []
    for each in order:
        low, high = sorted((arcs[each].head, arcs[each].dependent))
        below = [level for first, last, level in placed if first < high and last > low]
        found[each] = 1 + max(below, default=0)
        placed.append((low, high, found[each]))
    return found


def from_right(sentence: Sentence) -> bool:
    """Whether a sentence is written from the right: by the first letter that has a direction (UAX #9, rule P2)."""
    for character in "".join(sentence.forms):
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def two_trees(left: Labelled, right: Labelled, note: str = "") -> str:
    """The two trees as a document in SVG.

    Args:
        note: a line below, as how the sentences were chosen.

    Raises:
        SettingsError: a sentence is too long to be drawn.
    """
    for each in (left, right):
        if not 0 < len(each.sentence.forms) <= MOST_WORDS:
            raise SettingsError(
                f"a tree is drawn of 1 to {MOST_WORDS} words, the sentence in {each.language} has "
                f"{len(each.sentence.forms)}; choose a shorter one"
            )
    same = shared_arcs(left.sentence, right.sentence)
    drawn = [_tree(each, shared) for each, shared in zip((left, right), same, strict=True)]
    beside = sum(each.width for each in drawn) + _BETWEEN <= _BESIDE
    if beside:  # on one base line
        most = max(level for each in (left, right) for level in [0, *levels(arcs_of_sentence(each.sentence))])
        drawn = [_tree(each, shared, most) for each, shared in zip((left, right), same, strict=True)]
    places = _places(drawn, beside)
    width = max(x + each.width for (x, _), each in zip(places, drawn, strict=True)) + _MARGIN
    bottom = max(y + each.height for (_, y), each in zip(places, drawn, strict=True))
    legend = "whole lines: arcs that both have; dashed: only one has"
    notes = [each for each in (legend, note) if each]
    width = max(width, *(_width(each, _SMALL) + 2 * _MARGIN for each in notes))
    height = bottom + _FOOT / 2 + 18 * len(notes)
    body = [
        f'<g transform="translate({x:.1f} {y:.1f})">{"".join(each.parts)}</g>'
        for (x, y), each in zip(places, drawn, strict=True)
    ]
    body += [
        f'<text class="note" x="{_MARGIN}" y="{bottom + 22 + 18 * row:.1f}">{escape(each)}</text>'
        for row, each in enumerate(notes)
    ]
    title = f"Dependency trees in {left.language} and {right.language}"
    described = f"{left.sentence.text} / {right.sentence.text}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" style="max-width:100%;height:auto"><title>{escape(title)}</title>'
        f"<desc>{escape(described)}</desc><style>{_STYLE}</style>"
        f'<rect class="ground" width="100%" height="100%"/>{"".join(body)}</svg>\n'
    )


def _places(drawn: Sequence[_Drawn], beside: bool) -> list[tuple[float, float]]:
    """Where each tree's corner is: side by side, or one above the other."""
    first, _ = drawn
    if beside:
        return [(_MARGIN, _MARGIN), (_MARGIN + first.width + _BETWEEN, _MARGIN)]
    return [(_MARGIN, _MARGIN), (_MARGIN, _MARGIN + first.height + _BETWEEN / 2)]


def _tree(labelled: Labelled, same: Sequence[bool], least: int = 0) -> _Drawn:
    """A tree with room for ``least`` arcs one above the other, or for more where it has more."""
    sentence = labelled.sentence
    arcs = arcs_of_sentence(sentence)
    heights = levels(arcs)
    mirrored = from_right(sentence)
    centres, width = _centres(sentence, arcs, mirrored)
    title = f"{labelled.language} ({labelled.code})" + (f", {labelled.source}" if labelled.source else "")
    width = max(width, _width(title, 15.0), min(_width(sentence.text, _SMALL), _BESIDE / 2))
    base = _TITLE + _STEP * max([least, *heights]) + 8
    direction = ' direction="rtl"' if mirrored else ""
    code = escape(labelled.code)
    # a text from the right begins at its right end
    start = f'x="{width:.1f}"{direction}' if mirrored else 'x="0"'
    parts = [
        f'<text class="title" x="0" y="16">{escape(title)}</text>',
        f'<text class="said" {start} y="36" xml:lang="{code}">{escape(_cut(sentence.text, width))}</text>',
    ]
    for arc, ends, level, is_same in zip(arcs, _ends(arcs, centres), heights, same, strict=True):
        parts.append(_arc(*ends, base, base - _STEP * level, arc.relation, "same" if is_same else "apart"))
    for centre, form, tag in zip(centres, sentence.forms, _tags(sentence), strict=True):
        parts.append(
            f'<text class="word" x="{centre:.1f}" y="{base + 24:.1f}"{direction} xml:lang="{code}">'
            f"{escape(form)}</text>"
        )
        parts.append(f'<text class="tag" x="{centre:.1f}" y="{base + 42:.1f}">{escape(tag)}</text>')
    return _Drawn(tuple(parts), width, base + _FOOT)


def _tags(sentence: Sentence) -> list[str]:
    return [tag if head else f"{tag}, root" for tag, head in zip(sentence.tags, sentence.heads, strict=True)]


def _centres(sentence: Sentence, arcs: Sequence[Arc], mirrored: bool) -> tuple[list[float], float]:
    """Where each word's middle is, and how wide the row: no label of an arc is wider than the arc's span."""
    widths = [
        max(_width(form, _SIZE), _width(tag, _SMALL)) for form, tag in zip(sentence.forms, _tags(sentence), strict=True)
    ]
    centres = [widths[0] / 2]
    needed = {
        place: [
            (min(arc.head, arc.dependent), _width(arc.relation, _SMALL) + 30)
            for arc in arcs
            if max(arc.head, arc.dependent) == place
        ]
        for place in range(len(widths))
    }
    for place in range(1, len(widths)):
        near = centres[-1] + (widths[place - 1] + widths[place]) / 2 + _GAP
        centres.append(max([near, *(centres[first] + label for first, label in needed[place])]))
    width = centres[-1] + widths[-1] / 2
    return ([width - centre for centre in centres] if mirrored else centres), width


def _ends(arcs: Sequence[Arc], centres: Sequence[float]) -> list[tuple[float, float]]:
    """Where each arc begins at its head and ends at its dependent: side by side where several meet at a word."""
    sides: dict[tuple[int, bool], list[tuple[float, int, bool]]] = {}
    for number, arc in enumerate(arcs):
        to_right = centres[arc.dependent] > centres[arc.head]
        span = abs(centres[arc.dependent] - centres[arc.head])
        sides.setdefault((arc.head, to_right), []).append((span, number, True))
        sides.setdefault((arc.dependent, not to_right), []).append((span, number, False))
    starts, stops = [0.0] * len(arcs), [0.0] * len(arcs)
    for (word, to_right), meeting in sides.items():
        # the longest arc stands nearest to the word's middle, so that arcs of one side do not cross
        for rank, (_, number, is_head) in enumerate(sorted(meeting, reverse=True)):
            at = centres[word] + (1 if to_right else -1) * (5 + 6 * min(rank, 4))
            (starts if is_head else stops)[number] = at
    return list(zip(starts, stops, strict=True))


def _arc(start: float, stop: float, base: float, top: float, relation: str, look: str) -> str:
    """A flat-topped arc with its point at the dependent and its relation in the middle of the top."""
    turn = min(14.0, abs(stop - start) / 2, base - top)
    step = turn if stop > start else -turn
    path = (
        f"M{start:.1f} {base:.1f}V{top + turn:.1f}Q{start:.1f} {top:.1f} {start + step:.1f} {top:.1f}"
        f"H{stop - step:.1f}Q{stop:.1f} {top:.1f} {stop:.1f} {top + turn:.1f}V{base - 6:.1f}"
    )
    middle = (start + stop) / 2
    return (
        f'<path class="arc {look}" d="{path}"/>{_point(stop, base, look)}'
        f'<text class="label {look}" x="{middle:.1f}" y="{top + 4:.1f}">{escape(relation)}</text>'
    )


def _point(x: float, base: float, look: str) -> str:
    return f'<path class="point {look}" d="M{x:.1f} {base:.1f}l-4 -8h8z"/>'


def _counted_off(arcs: Sequence[Arc], common: Counter[tuple[str, str, str, bool]]) -> list[bool]:
    left = Counter(common)
    found = []
    for arc in arcs:
        found.append(left[arc.kind] > 0)
        left[arc.kind] -= 1
    return found


def _width(text: str, size: float) -> float:
    """About how wide a text is drawn: marks take nothing, wide letters (East Asian Width) a whole em."""
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    narrow = sum(not unicodedata.category(each).startswith("M") for each in text) - wide
    return size * (wide + 0.58 * narrow)


def _cut(text: str, width: float) -> str:
    """A text that fits a width, with an ellipsis where it was cut."""
    if _width(text, _SMALL) <= width + 40:
        return text
    while text and _width(text, _SMALL) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"
