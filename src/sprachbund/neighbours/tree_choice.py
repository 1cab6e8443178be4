"""Which two sentences are put side by side: those that were asked for, else translations, else the most alike.

Translations come from parallel treebanks (PUD), whose sentences have the same id. Among them the shortest is shown, not
the most alike, for a chosen example proves nothing. Without translations the picture can only show what is alike; it
says so.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sprachbund.corpus.sources.conllu import Sentence, read_conllu
from sprachbund.errors import LanguageError, SourceError
from sprachbund.languages import find
from sprachbund.neighbours.raw_text import Parser, parsed
from sprachbund.neighbours.sources import Sources
from sprachbund.neighbours.treebanks import MOST, named, sentences_of, treebanks_of
from sprachbund.neighbours.trees import Labelled, arcs_of_sentence, two_trees

__all__ = ["alike", "draw_pair", "translations"]

_FEWEST, _MOST_ALIKE = 6, 9
"""Words of translations at least; of sentences that are no translations at most (and from half of it on)."""
_TRIED = 150
"""Short sentences of a treebank that are compared with as many of the other: a second's work."""
_ENDINGS = (".conllu", ".conllu.gz", ".conllu.bz2", ".conllu.xz", ".conllu.zst")


def draw_pair(
    sources: Sources, one: str, other: str, asked: tuple[str, str] | None = None, parser: Parser | None = None
) -> str:
    """The trees of two sentences in two languages, as SVG.

    Args:
        one, other: codes of the languages.
        asked: what stands for each sentence: the id of one in the language's treebanks, a CoNLL-U file (its first), or
            the text itself, which an installed parser reads. None: they are chosen.
        parser: instead of the installed one.

    Raises:
        MissingDataError: Universal Dependencies are not there. MissingExtraError: a text, and no parser is installed.
        SourceError: there is no such sentence. LanguageError: a language has no treebank.
    """
    if asked is not None:
        left, right = (_asked(sources, code, said, parser) for code, said in zip((one, other), asked, strict=True))
        return two_trees(left, right)
    read = {code: _read(sources, code) for code in (one, other)}
    if pair := translations(*(each for _, each in read.values())):
        note = f"translations of each other: the shortest of the parallel treebanks with {_FEWEST} words or more"
    else:
        pair = alike(*(each for _, each in read.values()))
        note = "no translations: of short sentences of the two treebanks those with most arcs in common"
    left, right = (
        _labelled(sentence, code, f"{read[code][0]} {sentence.id}".strip())
        for code, sentence in zip((one, other), pair, strict=True)
    )
    return two_trees(left, right, note)


def translations(one: list[Sentence], other: list[Sentence]) -> tuple[Sentence, Sentence] | None:
    """The shortest two sentences with one id that have `_FEWEST` words or more each; None without any.

    Treebanks that number their sentences 1, 2, 3 have ids in common by chance: an id that is a plain number is none.
    """
    by_id = {sentence.id: sentence for sentence in other if sentence.id and not sentence.id.isdigit()}
    found = [(each, by_id[each.id]) for each in one if each.id in by_id]
    enough = [pair for pair in found if min(len(each.forms) for each in pair) >= _FEWEST]
    return min(enough, key=lambda pair: (sum(len(each.forms) for each in pair), pair[0].id), default=None)


def alike(one: list[Sentence], other: list[Sentence]) -> tuple[Sentence, Sentence]:
    """Two short sentences with the largest share of arcs in common; the longest of those that are equal in it.

    Raises:
        SourceError: a list has no sentence to choose from.
    """
    short = [_short(each) for each in (one, other)]
    if not all(short):
        raise SourceError(f"expected sentences of {_MOST_ALIKE // 2} to {_MOST_ALIKE} words to choose from, found none")
    kinds = [[Counter(arc.kind for arc in arcs_of_sentence(each)) for each in side] for side in short]
    best, chosen = (-1.0, -1), (0, 0)
    for left, first in enumerate(kinds[0]):
        for right, second in enumerate(kinds[1]):
            common = (first & second).total()
            closeness = (common / max(first.total(), second.total()), common)
            if closeness > best:
                best, chosen = closeness, (left, right)
    return short[0][chosen[0]], short[1][chosen[1]]


def _short(sentences: list[Sentence]) -> list[Sentence]:
    lengths = range(_MOST_ALIKE // 2, _MOST_ALIKE + 1)
    return [each for each in sentences if len(each.forms) in lengths][:_TRIED]


def _read(sources: Sources, code: str) -> tuple[str, list[Sentence]]:
    """The name of a language's treebanks and their sentences, parallel ones alone where there are some."""
    files = treebanks_of(sources, code)
    parallel = [path for path in files if "pud" in path.name.lower()]
    chosen = parallel or files
    if not chosen:
        raise LanguageError(f"no treebank of {find(code).name} ({code}) to take a sentence from; give two sentences")
    name = ", ".join(dict.fromkeys(named(path) for path in chosen))
    return name, list(islice((each for path in chosen for each in sentences_of(path)), MOST))


def _asked(sources: Sources, code: str, said: str, parser: Parser | None) -> Labelled:
    """The sentence that a person means by an id, a file or a text."""
    if said.endswith(_ENDINGS):
        sentence = next(read_conllu(Path(said)), None)
        if sentence is None:
            raise SourceError(f"{said}: expected a sentence in CoNLL-U, found none")
        return _labelled(sentence, code, Path(said).name)
    if sources.find("ud") is not None and len(said.split()) == 1:
        for path, sentence in _everywhere(sources, code):
            if sentence.id == said:
                return _labelled(sentence, code, f"{named(path)} {said}")
        if not any(letter.isalpha() for letter in said) or any(letter.isdigit() for letter in said):
            raise SourceError(f"no sentence of {find(code).name} has the id {said}; name another, a file, or a text")
    return _labelled(parsed(said, code, parser), code, "")


def _everywhere(sources: Sources, code: str) -> Iterator[tuple[Path, Sentence]]:
    return ((path, each) for path in treebanks_of(sources, code) for each in sentences_of(path))


def _labelled(sentence: Sentence, code: str, source: str) -> Labelled:
    return Labelled(sentence, find(code).name, find(code).bcp47, source)
