"""ASJP: word lists of 40 concepts in 41 broad classes of sounds, of most languages of the world.

Source: Wichmann, Holman & Brown, The ASJP Database; the transcription: Brown et al. 2008, Automated classification of
    the world's languages. Loans are marked with % and are kept, for a loan is a shared word too; what is left out is
    the modifiers *, ~, $ and ", which say how other signs are to be read together.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sprachbund.errors import SourceError
from sprachbund.neighbours.identities import alpha3
from sprachbund.neighbours.sources import Sources

if TYPE_CHECKING:
    import polars as pl

__all__ = ["NAME", "List", "read_lists", "words_of"]

NAME = "ASJP"
CONCEPTS = 40
_VERSION = 1
_HEAD = re.compile(r"^([^{\s]+)\{")
_WORD = re.compile(r"^(\d+)\s+(.*?)\t(.*?)//")
_MODIFIERS = str.maketrans("", "", '*~$"% ')
_NO_WORD = "XXX"


@dataclass(frozen=True)
class List:
    """A list: its name, the words of each concept (by the concept's number), how many concepts are asked for."""

    name: str
    forms: dict[str, tuple[str, ...]]
    concepts: int = CONCEPTS


def words_of(sources: Sources, code: str) -> List | None:
    """The list of a language: of several the one with most concepts, then the first; None without one.

    Raises:
        MissingDataError: ASJP is not there. SourceError: its file of lists cannot be read as one.
    """
    path = sources.file("asjp", "lists.txt", "listss20.txt", "listss19.txt")
    table = sources.features("asjp", _VERSION, [path], _schema(), lambda: _read(path))
    found = (sources.once(("asjp", path, iso), lambda iso=iso: _list_of(table, iso)) for iso in alpha3(code))  # type: ignore[misc]
    return next((each for each in found if each is not None), None)


def read_lists(lines: Iterable[str]) -> Iterator[tuple[str, str, dict[str, tuple[str, ...]]]]:
    """(ISO 639-3 code, name, words by number of the concept) of every list in ASJP's own format of fixed columns."""
    name, code, words, line_of = "", "", dict[str, tuple[str, ...]](), 0
    for line in lines:
        if head := _HEAD.match(line):
            if name:
                yield code, name, words
            name, code, words, line_of = head[1], "", {}, 1
        elif name and line_of == 1:
            code, line_of = line[39:42].strip(), 2
        elif name and (found := _WORD.match(line)):
            forms = tuple(form for each in found[3].split(",") if (form := each.strip().translate(_MODIFIERS)))
            if forms and forms[0] != _NO_WORD:
                words[found[1]] = forms
    if name:
        yield code, name, words


def _schema() -> dict[str, Any]:
    import polars as pl

    return dict.fromkeys(("iso", "name", "concept", "form"), pl.String)


def _read(path: Any) -> "pl.DataFrame":
    import gzip

    import polars as pl

    opened = gzip.open if path.suffix == ".gz" else open
    best: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {}
    with opened(path, "rt", encoding="utf-8", errors="replace") as lines:
        for code, name, words in read_lists(lines):
            if code and (code not in best or len(words) > len(best[code][1])):
                best[code] = (name, words)
    if not best:
        raise SourceError(f"{path}: expected ASJP's word lists, found none; get the file lists.txt of a release")
    rows = [
        (code, name, concept, form)
        for code, (name, words) in best.items()
        for concept, forms in words.items()
        for form in forms
    ]
    return pl.DataFrame(rows, _schema(), orient="row")


def _list_of(table: "pl.DataFrame", iso: str) -> List | None:
    rows = table.filter(table["iso"] == iso)
    forms: dict[str, tuple[str, ...]] = {}
    for concept, form in rows.select("concept", "form").iter_rows():
        forms[concept] = (*forms.get(concept, ()), form)
    return List(rows["name"][0], forms) if forms else None
