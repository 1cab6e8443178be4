"""What languages have in common: the n-grams of their training text, by type, after the cap, both ways round.

A vocabulary is the words and bigrams of a language's training side that the cap keeps: ``min_count`` and ``max_rows``
of the settings, over the counts of all languages together, as a pooled model cuts its rows. |A and B| / |A or B| is the
Jaccard index (F2), |A and B| / |A| the directed overlap (F7, F8, F10). Everything is also counted for words and bigrams
apart, by the script of the n-grams (a Ukrainian text shares Latin names with a Spanish one), and without template text.

Types, not tokens: a model learns a row for each, and frequent ones are few. What of the running text the others know is
in the table of coverage.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.analyses.overlap.intersections import directed, jaccard, shared_types
from sprachbund.analyses.overlap.repeated import numerals, repeated
from sprachbund.arrays import Flags, Float64, Int8, Int64
from sprachbund.claims import scratch
from sprachbund.corpus.placing import check_languages
from sprachbund.corpus.splits import TRAIN
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, SettingsError
from sprachbund.neighbours.clustering import grown
from sprachbund.neighbours.scripts import script_of
from sprachbund.progress import Progress, Silent
from sprachbund.retrieval.encoder.encoded import MANIFEST, EncodedCorpus, encode_corpus
from sprachbund.retrieval.encoder.encoded_language import EncodedLanguage
from sprachbund.retrieval.encoder.rows import select
from sprachbund.retrieval.settings import BEST, Settings, settings_of

__all__ = ["ALL", "Overlap", "overlap", "overlap_of"]

ALL = "all"
ORDERS = {"words": 1, "bigrams": 2}
MIXED, NO_LETTERS = "mixed", "none"


@dataclass(frozen=True)
class Overlap:
    """The overlap of every two languages.

    Attributes:
        languages: in the order of their clusters, by the Jaccard index of all n-grams.
        pairs: a row an ordered pair, kind of n-gram and script: `language`, `other`, `ngrams` (all, words, bigrams),
            `script` (all, or one of all n-grams), `types` of the language, `other_types`, `shared`, `jaccard`,
            `directed` (shared / types); and the last two without template text, `jaccard_apart`, `directed_apart`.
        coverage: a row a language: `sentences` of training, the share of them that is `template` text, `types` and
            `tokens` before the cap, the shares that it keeps, `kept_types` and `kept_tokens`; and which shares of the
            held-out types and tokens are in the language's own vocabulary and in that of all: `own_types`,
            `own_tokens`, `pooled_types`, `pooled_tokens`.
    """

    languages: tuple[str, ...]
    pairs: pl.DataFrame
    coverage: pl.DataFrame

    def matrix(self, value: str = "jaccard", ngrams: str = ALL, script: str = ALL) -> Float64:
        """A column of the pairs as a square in the order of the languages: float64 [languages, languages].

        The diagonal is 1, a language against itself.
        """
        place = {language: number for number, language in enumerate(self.languages)}
        square = np.eye(len(place))
        for one, other, found in (
            self.pairs.filter(ngrams=ngrams, script=script).select("language", "other", value).iter_rows()
        ):
            square[place[one], place[other]] = np.nan if found is None else found
        return square

    def towards(self, other: str, value: str = "directed") -> dict[str, float]:
        """By language, how much of its vocabulary another has."""
        found = self.pairs.filter(ngrams=ALL, script=ALL, other=other).drop_nulls(value)
        return dict(found.select("language", value).iter_rows())


def overlap(
    corpus: Corpus | EncodedCorpus | Path | str,
    languages: Sequence[str] | None = None,
    *,
    settings: Settings | str = BEST,
    memory: int | None = None,
    progress: Progress | None = None,
) -> Overlap:
    """The overlap of the vocabularies of a corpus's languages.

    Args:
        corpus: a folder that `ingest` wrote, or one of n-gram ids (the ``encoded`` of a study), which is quicker.
        settings: the split, and the cap: ``min_count``, ``max_rows``.
        memory: bytes that counting n-grams may use.

    Raises:
        LanguageError: the corpus lacks a language. CorpusError: one has no training text, or the cap leaves nothing.
        SettingsError: there are fewer than two. MissingExtraError: SciPy is not installed.
    """
    settings = settings_of(settings)
    if isinstance(corpus, (str, Path)):
        path = Path(corpus)
        corpus = EncodedCorpus.open(path) if (path / MANIFEST).is_file() else Corpus.open(path)
    if isinstance(corpus, EncodedCorpus):
        return overlap_of(corpus, languages, settings, progress)
    chosen = _several(check_languages(corpus, languages))
    with scratch() as folder:
        encoded = encode_corpus(
            corpus, folder / "encoded", languages=chosen, settings=settings, characters=(), cut=False, memory=memory,
            progress=progress,
        )  # fmt: skip
        return overlap_of(encoded, chosen, settings)


def overlap_of(
    encoded: EncodedCorpus,
    languages: Sequence[str] | None = None,
    settings: Settings | str = BEST,
    progress: Progress | None = None,
) -> Overlap:
    """The overlap of the vocabularies of an encoded corpus; see `overlap`."""
    progress = progress or Silent()
    chosen = _several(tuple(dict.fromkeys(languages)) if languages else encoded.languages)
    parts = {language: encoded.language(language) for language in chosen}
    cap = _cap(encoded, parts, settings_of(settings))
    strings = encoded.vocabulary().strings
    numbers = np.zeros(len(encoded.ngrams), bool)
    numbers[: len(strings)] = numerals(strings)
    templates = {}
    for language, data in parts.items():
        progress.describe(f"template text of {language}")
        templates[language] = repeated(data, numbers)
    progress.describe("counting what is common")
    whole = [cap & (data.counts > 0) for data in parts.values()]
    apart = [cap & _standing(data, ~templates[code], len(cap)) for code, data in parts.items()]
    frames = [
        _pairs(chosen, shared_types(has & which for has in whole), shared_types(has & which for has in apart))
        .with_columns(ngrams=pl.lit(ngrams), script=pl.lit(script))
        .select("language", "other", "ngrams", "script", *_VALUES)
        for ngrams, script, which in _kinds(encoded, cap, strings)
    ]
    pairs = pl.concat(frames)
    made = Overlap(chosen, pairs, _coverage(parts, cap, encoded.ngrams.orders, templates))
    return replace(made, languages=_clustered(made))


_VALUES = ("types", "other_types", "shared", "jaccard", "directed", "jaccard_apart", "directed_apart")


def _several(languages: Sequence[str]) -> tuple[str, ...]:
    if len(languages) < 2:
        raise SettingsError(f"overlap is of two languages or more, found {', '.join(languages) or 'none'}")
    return tuple(languages)


def _cap(encoded: EncodedCorpus, parts: Mapping[str, EncodedLanguage], settings: Settings) -> Flags:
    """The words and bigrams that the cap keeps: bool [ids]."""
    total = np.sum([np.asarray(data.counts) for data in parts.values()], axis=0)
    total[encoded.vocabulary_size :] = 0
    wanted = replace(settings.encoder, bigram_weight=1.0, character_weight=0.0)
    kept = np.zeros(len(total), bool)
    kept[select(total, encoded.ngrams.orders, wanted)] = True
    if not kept.any():
        raise CorpusError(
            f"{', '.join(parts)}: no word occurs {wanted.min_count} times or more in the training text; lower "
            "min_count or ingest more text"
        )
    return kept


def _standing(data: EncodedLanguage, chosen: Flags, size: int) -> Flags:
    """Which n-grams stand in some of the training sentences: bool [ids]."""
    chosen = chosen & (np.asarray(data.sides) == TRAIN)
    found = np.zeros(size, bool)
    for ids, offsets in _texts(data):
        found[ids[np.repeat(chosen, np.diff(offsets))]] = True
    return found


def _texts(data: EncodedLanguage) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """(ids, offsets) of the words and of the bigrams."""
    text = data.sentences
    return (text.words, text.word_offsets), (text.bigrams, text.bigram_offsets)


def _kinds(encoded: EncodedCorpus, cap: Flags, strings: pl.Series) -> Iterator[tuple[str, str, Flags]]:
    """(kind of n-gram, script, which: bool [ids]) of all that is counted."""
    yield ALL, ALL, cap
    for name, order in ORDERS.items():
        yield name, ALL, encoded.ngrams.orders == order
    scripts, names = _scripts(strings)
    numbered = np.full(len(cap), -1, np.int16)
    numbered[: len(scripts)] = scripts
    for number, name in enumerate(names):
        which = numbered == number
        if (which & cap).any():
            yield ALL, name, which


def _scripts(strings: pl.Series) -> tuple[Int64, list[str]]:
    """The script of each n-gram, by the first letter of each word, as a number, and the names of the numbers."""
    parts = strings.to_frame("ngram").select(
        one=pl.col("ngram").str.extract(r"^([^ ]*)").str.extract(r"(\p{L})"),
        other=pl.col("ngram").str.extract(r" (.*)$").str.extract(r"(\p{L})"),
    )
    both = parts.with_columns(pl.col("one", "other").fill_null(""))
    letters = both.unique()
    named = letters.with_columns(
        script=pl.Series([_script(one, other) for one, other in letters.iter_rows()], dtype=pl.String)
    )
    found = both.join(named, on=["one", "other"], how="left", maintain_order="left")["script"]
    names = sorted(found.unique(), key=lambda name: (name in (MIXED, NO_LETTERS), name))
    return found.replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy(), names


@cache
def _script(one: str, other: str) -> str:
    found = {script_of(letter) for letter in (one, other) if letter} - {""}
    return MIXED if len(found) > 1 else next(iter(found), NO_LETTERS)


def _pairs(languages: Sequence[str], shared: Int64, apart: Int64) -> pl.DataFrame:
    """A row an ordered pair."""
    ones, others = np.nonzero(~np.eye(len(languages), dtype=bool))
    sizes = np.diagonal(shared)
    return pl.DataFrame(
        {
            "language": [languages[int(one)] for one in ones],
            "other": [languages[int(other)] for other in others],
            "types": sizes[ones],
            "other_types": sizes[others],
            "shared": shared[ones, others],
            "jaccard": jaccard(shared)[ones, others],
            "directed": directed(shared)[ones, others],
            "jaccard_apart": jaccard(apart)[ones, others],
            "directed_apart": directed(apart)[ones, others],
        }
    ).fill_nan(None)


def _coverage(
    parts: Mapping[str, EncodedLanguage], cap: Flags, orders: Int8, templates: Mapping[str, Flags]
) -> pl.DataFrame:
    features = np.isin(orders, tuple(ORDERS.values()))
    rows = []
    for language, data in parts.items():
        counts = np.where(features, data.counts, 0)
        kept, train = np.where(cap, counts, 0), np.asarray(data.sides) == TRAIN
        held = np.zeros(len(cap), np.int64)
        for ids, offsets in _texts(data):
            held += np.bincount(ids[np.repeat(~train, np.diff(offsets))], minlength=len(cap))
        rows.append(
            {
                "language": language,
                "sentences": int(train.sum()),
                "template": _share(templates[language].sum(), train.sum()),
                "types": int(np.count_nonzero(counts)),
                "tokens": int(counts.sum()),
                "kept_types": _share(np.count_nonzero(kept), np.count_nonzero(counts)),
                "kept_tokens": _share(kept.sum(), counts.sum()),
                "own_types": _share(np.count_nonzero(held[kept > 0]), np.count_nonzero(held)),
                "own_tokens": _share(held[kept > 0].sum(), held.sum()),
                "pooled_types": _share(np.count_nonzero(held[cap]), np.count_nonzero(held)),
                "pooled_tokens": _share(held[cap].sum(), held.sum()),
            }
        )
    return pl.DataFrame(rows)


def _share(part: Any, whole: Any) -> float | None:
    return float(part / whole) if whole else None


def _clustered(made: Overlap) -> tuple[str, ...]:
    """The languages so that like stands beside like."""
    tree = grown(1 - made.matrix())
    return tuple(made.languages[place] for place in (*tree.leaves, *tree.without))
