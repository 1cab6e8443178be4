"""What readers of office files share: paragraphs, headings and rows as they find them, and what a file says of itself.

Word, OpenDocument and PowerPoint name their elements differently and nest them alike: paragraphs in cells in rows, and
again paragraphs in boxes that stand in a paragraph.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sprachbund.corpus.sources.blocks import Block, row
from sprachbund.corpus.sources.packages import Event, Parts


class Sheet:
    """The blocks that are found, in their order; what stands in cells waits for its row."""

    def __init__(self) -> None:
        self.blocks: list[list[Block]] = [[]]
        self.rows: list[list[list[Block]]] = []
        self.texts: list[list[str]] = []
        self.levels: list[int] = []

    def begin(self, level: int = 0) -> None:
        """A paragraph begins; it may stand in another, as in a text box."""
        self.texts.append([])
        self.levels.append(level)

    def say(self, text: str) -> None:
        """Text of the paragraph that is open; what stands outside of all is none."""
        if self.texts:
            self.texts[-1].append(text)

    def rank(self, level: int) -> None:
        """The open paragraph is a heading of this level; 0: it is none."""
        if self.levels:
            self.levels[-1] = level

    def end(self, keep: bool = True) -> None:
        """A paragraph ends."""
        if not self.texts:
            return
        text, level = " ".join("".join(self.texts.pop()).split()), self.levels.pop()
        if text and keep:
            self.blocks[-1].append(Block(text, level))

    def begin_row(self) -> None:
        """A row of a table begins."""
        self.rows.append([])

    def end_row(self) -> None:
        """A row ends: its cells become a paragraph, or several."""
        if self.rows:
            self.blocks[-1] += row(self.rows.pop())

    def begin_cell(self) -> None:
        """A cell begins."""
        self.blocks.append([])

    def end_cell(self) -> None:
        """A cell ends."""
        if len(self.blocks) > 1:
            cell = self.blocks.pop()
            if self.rows:
                self.rows[-1].append(cell)
            else:
                self.blocks[-1] += cell

    def finish(self) -> list[Block]:
        """All that was found."""
        while self.texts:
            self.end()
        while len(self.blocks) > 1:
            self.end_cell()
        return self.blocks[0]


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself: title, language, and the metadata by our names."""

    title: str = ""
    lang: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)


_NAMES = {"creator": "author", "created": "date", "date": "date", "creation-date": "date", "identifier": "identifier"}
"""Dublin Core's names, and OpenDocument's, by ours."""


def about(told: Iterable[Event]) -> About:
    """What the metadata of a package say, in the terms of Dublin Core; the first of each."""
    found: dict[str, str] = {}
    authors: list[str] = []
    text: list[str] = []
    for kind, name, _ in told:
        if kind == "text":
            text.append(name)
            continue
        said = " ".join("".join(text).split())
        text = []
        if kind != "end" or not said:
            continue
        if name == "creator":
            authors.append(said)
        found.setdefault(_NAMES.get(name, name), said)
    found["author"] = ", ".join(dict.fromkeys(authors))
    meta = {name: found[name] for name in ("date", "author", "identifier") if found.get(name)}
    return About(found.get("title", ""), found.get("language", ""), meta)


def most(languages: Counter[str]) -> str | None:
    """The language of most of a text, by what stands in its marks."""
    return next((lang for lang, _ in languages.most_common(1) if lang), None)


def relations(parts: Parts, of: str) -> dict[str, str]:
    """The parts that a part of an Office Open XML package names, by their ids."""
    folder, _, name = of.rpartition("/")
    found = {}
    for kind, tag, said in parts.events(f"{folder}/_rels/{name}.rels"):
        if kind == "start" and tag == "Relationship" and said.get("TargetMode") != "External":
            found[said.get("Id", "")] = beside(of, said.get("Target", ""))
    return found


def beside(of: str, target: str) -> str:
    """The name of a part that another names relative to itself; never one outside of the package."""
    names = [] if target.startswith("/") else of.split("/")[:-1]
    for name in target.split("/"):
        if name == "..":
            names = names[:-1]
        elif name not in ("", "."):
            names.append(name)
    return "/".join(names)
