"""Ties inside a language and between scripts: more character n-grams for every word of an encoded corpus.

    stems      the first five letters, one n-gram
    roman      the 4-grams of the word in Latin letters: Greek, Cyrillic and Hangul by the tables below, accents off
    letters    the 4-grams of the syllables of a Korean word beside those of its letters, which `best` has
    apart      the 5-grams of its letters too
    syllables  the 4-grams of its syllables in place of those of its letters

A benchmark's own code: the n-grams are added to the ids as character 4-grams. BM25 stays as it is unless a recipe says
that it has them too.
"""

import dataclasses
import functools
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from text import count

from sprachbund import Corpus
from sprachbund.corpus.segment import prepared_series
from sprachbund.corpus.splits import TRAIN
from sprachbund.ngrams import keys as kernels
from sprachbund.ngrams.hangul import letters
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.features import Ngrams

STEM = 5
SPELLED = """
αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo
аa бb вv гh ґg дd еe єie жzh зz иy іi їi йi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ь юiu яia ыy эe ёe ъ
đd ıi ßss øo æae łl œoe ðd þth
"""
SOUNDS = {pair[0]: pair[1:] for pair in SPELLED.split()}

Found = tuple[np.ndarray, np.ndarray, int]  # the place of each n-gram's word, its key, the order that it counts as


def tie(encoded: EncodedCorpus, work: Path, kinds: Sequence[str]) -> EncodedCorpus:
    """The corpus with more n-grams inside its words; sentences and the ids that there were stay."""
    if not kinds:
        return encoded
    ids, words = word_list(encoded, work)
    old = encoded.ngrams
    if "syllables" in kinds:
        old = _without(old, ids[[is_korean(word) for word in words]])
    owners, keys, orders = [], [], []
    for kind in kinds:
        for place, found, order in KINDS[kind](words):
            owners.append(ids[place])
            keys.append(found)
            orders.append(np.full(len(found), -order, np.int8))
    owner, key, order_of = np.concatenate(owners), np.concatenate(keys), np.concatenate(orders)
    inside = np.flatnonzero(old.orders < 0)  # a key tells the order too
    order = inside[np.argsort(old.keys[inside])]
    at = np.minimum(np.searchsorted(old.keys[order], key), len(order) - 1)
    known = old.keys[order][at] == key
    fresh, first, number = np.unique(key[~known], return_index=True, return_inverse=True)
    own = np.empty(len(key), np.int64)
    own[known], own[~known] = order[at[known]], len(old) + number
    ngrams = _with(old, fresh, order_of[~known][first], owner, own)
    manifest = encoded.manifest | {"corpus": "+".join((encoded.manifest["corpus"], *kinds))}
    tied = dataclasses.replace(encoded, ngrams=ngrams, vocabulary_size=len(ngrams), manifest=manifest, _open={})
    for language in encoded.languages:
        data = encoded.language(language)
        counts = count(ngrams, data, data.sides == TRAIN)
        tied._open[language] = dataclasses.replace(data, counts=counts, _pairs={})
    return tied


def _without(old: Ngrams, words: np.ndarray) -> Ngrams:
    """Take away what is inside some words."""
    kept = ~np.isin(np.repeat(np.arange(len(old)), np.diff(old.char_offsets)), words)
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(kept)))
    return dataclasses.replace(old, char_offsets=before[old.char_offsets], char_ids=old.char_ids[kept])


def _with(old: Ngrams, fresh: np.ndarray, orders: np.ndarray, owner: np.ndarray, own: np.ndarray) -> Ngrams:
    """Add the n-gram ``own[i]`` to the word ``owner[i]``, unless the word has it."""
    size = len(old) + len(fresh)
    owners = np.concatenate((np.repeat(np.arange(len(old)), np.diff(old.char_offsets)), owner))
    both = np.concatenate((old.char_ids.astype(np.int64), own))
    added = np.arange(len(both)) >= len(old.char_ids)
    order = np.lexsort((added, both, owners))
    owners, both, added = owners[order], both[order], added[order]
    again = np.r_[False, (owners[1:] == owners[:-1]) & (both[1:] == both[:-1])]
    kept = ~(again & added)
    offsets = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(owners[kept], minlength=size), out=offsets[1:])
    return Ngrams(
        np.concatenate((old.keys, fresh)),
        np.concatenate((old.orders, orders)),
        offsets,
        both[kept].astype(np.int32),
    )


def word_list(encoded: EncodedCorpus, work: Path) -> tuple[np.ndarray, list[str]]:
    """The id and the letters of every word, those that training lacks too; made once."""
    path = work / "words.parquet"
    if not path.exists():
        corpus, texts = Corpus.open(work / "corpus"), {}
        for language in encoded.languages:
            data, offsets = kernels.from_series(prepared_series(corpus.read(language)["text"], language))
            tokens = kernels.tokenize(data, offsets)
            keys, first = np.unique(tokens.keys, return_index=True)
            new = [place for place, key in enumerate(keys.tolist()) if key not in texts]
            found = kernels.word_texts(data, tokens.starts[first[new]], tokens.lengths[first[new]])
            texts |= dict(zip(keys[new].tolist(), found, strict=True))
        ids = np.flatnonzero(encoded.ngrams.orders == 1)
        held = [texts[key] for key in encoded.ngrams.keys[ids].tolist()]
        pl.DataFrame({"id": ids, "word": held}).write_parquet(path)
    frame = pl.read_parquet(path)
    return frame["id"].to_numpy(), frame["word"].to_list()


def stems(words: Sequence[str]) -> list[Found]:
    """The first letters of every word that has so many."""
    places = [place for place, word in enumerate(words) if len(word) >= STEM]
    keys, offsets = _spelled([words[place][:STEM] for place in places], STEM + 1)
    return [
        (np.array(places), keys[offsets[:-1]], 4)
    ]  # the first of them begins at the word's edge; weighted as a 4-gram


def romanised(words: Sequence[str]) -> list[Found]:
    """The 4-grams of words in plain Latin letters, where that is another spelling."""
    others = [roman(word) for word in words]
    places = [place for place, (word, other) in enumerate(zip(words, others, strict=True)) if other and other != word]
    keys, offsets = _spelled([others[place] for place in places], 4)
    return [(np.repeat(np.array(places), np.diff(offsets)), keys, 4)]


def roman(word: str) -> str:
    """A word in plain Latin letters; empty where a letter has none."""
    if word.isascii():
        return word
    result = "".join(map(_sound, word))
    return result if result.isascii() else ""


@functools.lru_cache(None)
def _sound(letter: str) -> str:
    if "가" <= letter <= "힣":
        return unicodedata.name(letter).removeprefix("HANGUL SYLLABLE ").lower()
    plain = "".join(SOUNDS.get(own, own) for own in SOUNDS.get(letter, unicodedata.normalize("NFD", letter)))
    return "".join(own for own in plain if not unicodedata.combining(own))


def is_korean(word: str) -> bool:
    """Whether a word has syllables of Hangul."""
    return letters(word) != word


def syllables(words: Sequence[str]) -> list[Found]:
    """The 4-grams of Korean words as they are written."""
    places = [place for place, word in enumerate(words) if is_korean(word)]
    marked = [f"<{words[place]}>" for place in places]
    keys = [kernels._points_key(4, own[at : at + 4]) for own in marked for at in range(len(own) - 3)]
    return [(np.repeat(np.array(places), [max(len(own) - 3, 0) for own in marked]), np.array(keys, np.uint64), 4)]


def longer(words: Sequence[str]) -> list[Found]:
    """The 5-grams of the letters of Korean words, under keys of their own and as 4-grams: `best` reads no others."""
    places = [place for place, word in enumerate(words) if is_korean(word)]
    keys, offsets = _spelled([words[place] for place in places], 5)
    return [(np.repeat(np.array(places), np.diff(offsets)), ~keys, 4)]


def _spelled(words: Sequence[str], order: int) -> tuple[np.ndarray, np.ndarray]:
    data, offsets = kernels.pack(words)
    return kernels.characters(data, offsets[:-1], np.diff(offsets).astype(np.int32), (order,))


KINDS = {
    "stems": stems,
    "roman": romanised,
    "letters": syllables,
    "apart": longer,
    "syllables": syllables,
}
