"""Passages that were found, as they are shown: with their document, and with what stands around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from sprachbund.notebook import html_table
from sprachbund.search.passages import shown
from sprachbund.search.searching import Found, Mode, Scope
from sprachbund.search.segment import Segment

HEADINGS = ("rank", "score", "key", "text")


@dataclass(frozen=True)
class Hit:
    """A passage that was found.

    Attributes:
        rank: from 1. score: see `searching`. parts: what ``bm25`` and ``dense`` give to it.
        key: ``language:document#number``, unique in the index. number: of the passage in its document, from 0.
        scope: the languages that were searched together, on which scores depend.
        across: the language of the query, where the passage is in another that spells alike and was found by its
            letters, see `across`; "" otherwise. Its only part is ``across`` then. standing: of such a passage, how many
            standard deviations it is above the mean of the best of its language.
        meta: what else is known of the document, by name: ``url``, ``date``, ``author`` and any other.
        before, after: the passages around it, as many as were asked for, one text; "" where there are none.
        more: grouped by document, the next best passages of the same one.
    """

    rank: int
    score: float
    parts: dict[str, float]
    language: str
    document: str
    title: str
    section: str
    text: str
    number: int
    key: str
    scope: tuple[str, ...]
    mode: Mode
    meta: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    after: str = ""
    more: tuple["Hit", ...] = ()
    across: str = ""
    standing: float = 0.0
    _place: tuple[str, int] = ("", 0)
    """Segment and passage, so that the hit need not be looked up again."""
    _asked: tuple[str, str] = ("", "")
    """The query as it was given, and the words of it that the hit was ranked by."""

    def __repr__(self) -> str:
        text = self.text if len(self.text) <= 80 else f"{self.text[:80]}…"
        return f"Hit({self.rank}, {self.score:.3f}, {self.key!r}, {self.title!r}, {text!r})"

    def _repr_html_(self) -> str:
        return html_table(self.title or self.document, HEADINGS, [(self.rank, self.score, self.key, self.text)])

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        plain = {each.name: getattr(self, each.name) for each in fields(self) if not each.name.startswith("_")}
        return {**plain, "meta": dict(self.meta), "more": [hit.to_dict() for hit in self.more]}


def make_hits(
    found: Found,
    scope: Scope,
    languages: tuple[str, ...],
    mode: Mode,
    asked: tuple[str, str],
    first: int = 1,
    spoken: str = "",
) -> list[Hit]:
    """What was found, with what it is shown with.

    Args:
        languages: that were searched together, without those that were searched by their letters.
        asked: see `Hit`. first: the rank of the first. spoken: the language of the query.
    """
    records: dict[tuple[int, int], Any] = {}
    for number in set(found.segments.tolist()):
        own = found.passages[found.segments == number].tolist()
        records |= {(number, record.number): record for record in scope.segments[number].records.passages(own)}
    hits = []
    for i, place in enumerate(zip(found.segments.tolist(), found.passages.tolist(), strict=True)):
        record, language = records[place], scope.segments[place[0]].language
        document = record.document
        number = record.number - document.first
        across = not np.isnan(found.across[i])
        parts = {"bm25": float(found.bm25[i]), "dense": float(found.dense[i])}
        if across:
            parts = {"across": float(found.scores[i])}
        hits.append(
            Hit(
                i + first,
                float(found.scores[i]),
                {name: parts[name] for name in ((mode,) if mode in parts else parts)},
                language,
                document.id,
                document.title,
                document.headings[record.section] if record.section < len(document.headings) else "",
                shown(record.text, language),
                number,
                f"{language}:{document.id}#{number}",
                (spoken, language) if across else languages,
                mode,
                document.meta,
                across=spoken if across else "",
                standing=float(found.across[i]) if across else 0.0,
                _place=(scope.segments[place[0]].name, place[1]),
                _asked=asked,
            )
        )
    return hits


def with_context(hit: Hit, segments: Sequence[Segment], passages: int) -> Hit:
    """A hit with so many passages of its document before and after it."""
    name, place = hit._place
    segment = next(segment for segment in segments if segment.name == name)
    low = max(int(segment.collection.low[place]), place - passages)
    high = min(int(segment.collection.high[place]), place + passages + 1)
    before, after = segment.records.texts(low, place), segment.records.texts(place + 1, high)
    space = "\n"
    return replace(
        hit,
        before=space.join(shown(text, hit.language) for text in before),
        after=space.join(shown(text, hit.language) for text in after),
    )
