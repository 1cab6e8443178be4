"""The page of two compared languages: a picture with the words of both, and tables; one file that needs no network."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np

from sprachbund.errors import LanguageError
from sprachbund.languages import find
from sprachbund.report.markup import Markup, cell, element, join, table
from sprachbund.report.shell import head, safe_json
from sprachbund.vectors.comparing import Both, Directions, Opposites, Together
from sprachbund.vectors.nearest import best_of
from sprachbund.vectors.projecting import project

__all__ = ["Compared", "picture", "render"]

POINTS = 300
"""Words of each language in the picture."""
SKIPPED = 50
"""The most frequent words of a language, which are grammar: they are near everything."""
NEAR = 6
_LETTERS = 3


@dataclass(frozen=True, eq=False)
class Compared:
    """What a comparison found.

    Attributes:
        both: the spaces. about: of the alignment. words: that were asked for. directions, opposites: where given.
    """

    both: Together
    about: dict[str, Any]
    words: tuple[Both, ...] = ()
    directions: Directions | None = None
    opposites: tuple[Opposites, ...] = ()

    def for_json(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "languages": [self.both.left.language, self.both.right.language],
            "alignment": self.about,
            "words": [asdict(one) for one in self.words],
            "directions": None if self.directions is None else asdict(self.directions),
            "opposites": [asdict(one) for one in self.opposites],
        }


def names(both: Together) -> tuple[str, str]:
    """What the languages are called on the page."""
    known = [_name(space.language) for space in (both.left, both.right)]
    return known[0] or "the left language", known[1] or "the right language"


def _name(code: str) -> str:
    try:
        return find(code).name if code else ""
    except LanguageError:
        return code


def chosen_words(both: Together, count: int, asked: Sequence[Both] = ()) -> tuple[list[int], list[int]]:
    """Rows of the words that are drawn: those asked for, then the frequent ones that say something."""
    rows: list[list[int]] = []
    for side, (space, vectors) in enumerate(((both.left, both.ours), (both.right, both.theirs))):
        first = [place for one in asked if one.side == side and (place := space.place(one.word)) is not None]
        said = [
            place for place in range(min(SKIPPED, len(vectors) // 10), len(vectors))
            if len(space.words[place]) >= _LETTERS and space.words[place].isalpha()
        ]  # fmt: skip
        rows.append(list(dict.fromkeys((*first, *said)))[: max(count, len(first))])
    return rows[0], rows[1]


def picture(both: Together, count: int = POINTS, asked: Sequence[Both] = ()) -> list[dict[str, Any]]:
    """Points of the picture: word, side, x, y in -1 to 1, and what is near in both: (word, cosine, point or -1).

    Raises:
        MissingExtraError: openTSNE is not installed.
    """
    rows = chosen_words(both, count, asked)
    spaces, vectors = (both.left, both.right), (both.ours, both.theirs)
    hubs = (both.mine, both.others)
    places = project(np.concatenate([vectors[side][rows[side]] for side in range(2)]))
    number = {(side, row): n for n, (side, row) in enumerate((side, row) for side in range(2) for row in rows[side])}
    near: dict[tuple[int, int], tuple[Any, Any]] = {}
    for side in range(2):
        zero = np.zeros(len(vectors[side]), np.float32)
        own, _ = best_of(vectors[side][rows[side]], vectors[side], NEAR + 1, zero[rows[side]], zero)
        far, _ = best_of(vectors[side][rows[side]], vectors[1 - side], NEAR, hubs[side][rows[side]], hubs[1 - side])
        near[side, side], near[side, 1 - side] = (own, None), (far, None)
    points = []
    for (side, row), n in number.items():
        at = rows[side].index(row)
        lists = []
        for other in range(2):
            found = [i for i in near[side, other][0][at].tolist() if (other, i) != (side, row)][:NEAR]
            cosines = vectors[other][found] @ vectors[side][row]
            lists.append([
                (spaces[other].words[i], round(float(c), 3), number.get((other, i), -1))
                for i, c in zip(found, cosines, strict=True)
            ])  # fmt: skip
        x, y = (round(float(value), 4) for value in places[n])
        points.append({"word": spaces[side].words[row], "side": side, "x": x, "y": y, "near": lists})
    return points


def render(compared: Compared, count: int = POINTS) -> str:
    """The page as a string.

    Raises:
        MissingExtraError: openTSNE is not installed.
    """
    both = compared.both
    left, right = names(both)
    points = picture(both, count, compared.words)
    first = next(
        (n for n, point in enumerate(points) if compared.words and point["word"] == compared.words[0].word), -1
    )
    here = files("sprachbund.vectors")
    held = compared.about.get("held_out")
    right_at_1 = f" · of pairs held back {held['precision']:.0%} find their partner first" if held else ""
    parts = [_near(compared, left, right), _directions(compared, left, right), _opposites(compared)]
    title = f"Words of {left} and {right} in one space"
    css = here.joinpath("compare.css").read_text(encoding="utf-8")
    return Template(here.joinpath("compare.html").read_text(encoding="utf-8")).substitute(
        head=head(title, "script-src 'unsafe-inline'; img-src data:", css),
        title=join(title),
        by=join(f"{len(both.left):,} and {len(both.right):,} words{right_at_1}"),
        left=join(left),
        right=join(right),
        sections=join(*filter(None, parts)),
        data=safe_json({"names": [left, right], "points": points, "first": first}),
        script=here.joinpath("compare.js").read_text(encoding="utf-8"),
    )


def _section(name: str, title: str, *children: Any) -> Markup:
    return element("section", element("h2", title, id=f"{name}-title"), *children, aria_labelledby=f"{name}-title")


def _number(value: float, digits: int = 2) -> Markup:
    return cell(f"{round(value, digits) + 0.0:.{digits}f}", class_="number")  # no -0.00


def _near(compared: Compared, left: str, right: str) -> Markup | None:
    if not compared.words:
        return None
    rows = [
        (one.word, (left, right)[one.side], _listed(one.left), _listed(one.right))
        for one in compared.words
    ]  # fmt: skip
    heads = [["word", "of", f"nearest in {left}", f"nearest in {right}"]]
    return _section("near", "Neighbours of a word in both", table("Cosines in the common space", heads, rows))


def _listed(near: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{word} {cosine:.2f}" for word, cosine in near)


def _directions(compared: Compared, left: str, right: str) -> Markup | None:
    found = compared.directions
    if found is None:
        return None
    rows = [
        (f"{one.words[0]} - {one.words[1]}", f"{one.words[2]} - {one.words[3]}" + (" (found)" if one.found else ""),
         _number(one.cosine), _number(one.with_others))
        for one in found.pairs
    ]  # fmt: skip
    foot = [("mean", "", _number(found.cosine), _number(found.with_others))]
    said = element("p", f"Pairs dealt anew run as parallel in {found.chance:.2%} of 2,000 deals.")
    lost = element("p", f"Not in the vectors: {', '.join(found.lost)}.", class_="hint") if found.lost else None
    heads = [[left, right, "cosine", "with other pairs"]]
    text = "The second word taken from the first: do both languages go the same way?"
    return _section("directions", "Directions", said, table(text, heads, rows, foot), lost)


def _opposites(compared: Compared) -> Markup | None:
    if not compared.opposites:
        return None
    rows = [
        (_name(one.language), f"{one.synonyms} and {one.antonyms}", _number(one.of_synonyms),
         _number(one.of_antonyms), _number(one.of_random),
         cell(f"{one.apart:.2f} ", element("small", f"{one.low:.2f} to {one.high:.2f}"), class_="number"),
         _number(one.from_random))
        for one in compared.opposites
    ]  # fmt: skip
    heads = [[
        "language", "pairs", "synonyms", "antonyms", "at random", "synonyms above antonyms", "antonyms above random",
    ]]  # fmt: skip
    text = "Mean cosines, and how often one kind is nearer than the other (.5: not told apart)"
    return _section("opposites", "Synonyms and antonyms", table(text, heads, rows))
