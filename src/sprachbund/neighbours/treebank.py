"""What the syntactic measures read of trees: small numbers by word, and counts over sentences drawn again.

A treebank is three columns of numbers and where its sentences begin, some three bytes a word, so that fifty languages
fit into memory and a resample is one count with the sentences' weights.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sprachbund.arrays import Flags, Float64, Int64, UInt8
from sprachbund.corpus.sources.conllu import RELATIONS, TAGS, Sentence
from sprachbund.errors import SettingsError

EDGE = len(TAGS)
"""The number of the edge of a sentence among the parts of speech."""
KINDS = EDGE + 1
SUBTYPES = ("acl:relcl",)
"""Of relations, those that a measure asks for: a column of their own, besides the relation itself."""
DRAWS = 200

_TAG = {tag: number for number, tag in enumerate(TAGS)}
_RELATION = {relation: number for number, relation in enumerate(RELATIONS)}
_RELATIVE = len(RELATIONS)


@dataclass(frozen=True)
class Treebank:
    """The trees of a language.

    Attributes:
        tags: uint8 [words], places in `conllu.TAGS`.
        heads: int64 [words], the head's place among all words, -1 for a root.
        relations: uint8 [words], places in `conllu.RELATIONS`; that of acl:relcl is one beyond the last.
        offsets: int64 [sentences + 1], where each sentence begins.
        names: of the files or treebanks it is made of. old: of those with annotation of the first version.
    """

    tags: UInt8
    heads: Int64
    relations: UInt8
    offsets: Int64
    names: tuple[str, ...] = ()
    old: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        """How many words it has, punctuation among them."""
        return len(self.tags)

    @property
    def sentences(self) -> int:
        """How many sentences it has."""
        return len(self.offsets) - 1

    @cached_property
    def sentence_of(self) -> Int64:
        """The sentence of each word: int64 [words]."""
        return np.repeat(np.arange(self.sentences, dtype=np.int64), np.diff(self.offsets))

    @cached_property
    def is_relative(self) -> Flags:
        """Whether each word's relation is acl:relcl."""
        return np.asarray(self.relations == _RELATIVE)

    @cached_property
    def bare(self) -> Int64:
        """Relations without subtypes: places in `conllu.RELATIONS`."""
        return np.where(self.is_relative, _RELATION["acl"], self.relations).astype(np.int64)

    def first(self, count: int) -> "Treebank":
        """Its first sentences, ``count`` at most."""
        if count >= self.sentences:
            return self
        end = int(self.offsets[count])
        columns = (self.tags[:end], self.heads[:end], self.relations[:end], self.offsets[: count + 1])
        return Treebank(*columns, self.names, self.old)

    def weights(self, draws: int = DRAWS, seed: int = 0) -> Float64:
        """How often each sentence is drawn: float64 [draws, sentences], as many a draw as there are.

        Raises:
            SettingsError: there are no sentences to draw from.
        """
        if not self.sentences:
            raise SettingsError("a bootstrap over sentences needs some, found a treebank without any")
        generator = np.random.default_rng(seed)
        drawn = generator.integers(0, self.sentences, (draws, self.sentences))
        return np.stack([np.bincount(row, minlength=self.sentences) for row in drawn]).astype(np.float64)


def treebank_of(sentences: Iterable[Sentence], name: str = "") -> Treebank:
    """The columns of sentences."""
    tags, heads, relations, offsets = bytearray(), [], bytearray(), [0]
    old = False
    for sentence in sentences:
        start = offsets[-1]
        tags += bytes(_TAG[tag] for tag in sentence.tags)
        heads += [start + head - 1 if head else -1 for head in sentence.heads]
        relations += bytes(map(_number, sentence.relations))
        offsets.append(start + len(sentence.tags))
        old = old or sentence.old
    return Treebank(
        np.frombuffer(bytes(tags), np.uint8),
        np.array(heads, np.int64),
        np.frombuffer(bytes(relations), np.uint8),
        np.array(offsets, np.int64),
        (name,) if name else (),
        (name,) if name and old else (),
    )


def joined(treebanks: Iterable[Treebank]) -> Treebank:
    """Several treebanks as one."""
    parts = list(treebanks)
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(part.words for part in parts)])
    shifted = [np.where(part.heads < 0, -1, part.heads + start) for part, start in zip(parts, starts, strict=False)]
    offsets = [part.offsets[:-1] + start for part, start in zip(parts, starts, strict=False)]
    return Treebank(
        np.concatenate([part.tags for part in parts]) if parts else np.empty(0, np.uint8),
        np.concatenate(shifted) if parts else np.empty(0, np.int64),
        np.concatenate([part.relations for part in parts]) if parts else np.empty(0, np.uint8),
        np.concatenate([*offsets, starts[-1:]]).astype(np.int64),
        tuple(name for part in parts for name in part.names),
        tuple(name for part in parts for name in part.old),
    )


def _number(relation: str) -> int:
    return _RELATIVE if relation in SUBTYPES else _RELATION[relation.partition(":")[0]]
