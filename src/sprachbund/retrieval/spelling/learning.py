"""Pieces and cognates, learned from the words of the training text: nothing of dev and test is seen.

Both are learned from all languages together, in proportion to their text, before any model is trained. A model of one
language is then spelt as the others are: what differs between models alone and together is what their rows have read.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from sprachbund.arrays import Int64
from sprachbund.cognates.learning import LearningSettings, learn
from sprachbund.cognates.words import Words, counted_words
from sprachbund.errors import CorpusError, SettingsError, one_line
from sprachbund.retrieval.spelling.spellings import LEARNED, Spelling, require, sentencepiece

__all__ = ["Counted", "learn_spelling"]


@dataclass(frozen=True)
class Counted:
    """The distinct words of a language's training text, and how often each occurs: int64 [words]."""

    words: list[str]
    counts: Int64


def learn_spelling(name: str, counted: Mapping[str, Counted], pieces: int) -> Spelling:
    """A spelling, with what it learns from the words of each language.

    Args:
        pieces: of SentencePiece, at most.

    Raises:
        MissingExtraError: a library is not installed. SettingsError: ``pieces`` cannot be.
    """
    require(name)
    if name not in LEARNED:
        return Spelling(name)
    return Spelling(name, pieces=_pieces(counted, pieces)) if name == "subwords" else _cognates(counted)


def _pieces(counted: Mapping[str, Counted], size: int) -> bytes:
    """A unigram model. Source: Kudo 2018, Subword regularization."""
    trainer, written = sentencepiece().SentencePieceTrainer, io.BytesIO()
    rows = (
        f"{word}\t{count}"
        for language in sorted(counted)
        for word, count in zip(counted[language].words, counted[language].counts.tolist(), strict=True)
    )
    try:
        trainer.train(
            sentence_iterator=rows, input_format="tsv", model_writer=written, model_type="unigram", vocab_size=size,
            hard_vocab_limit=False, normalization_rule_name="identity", shuffle_input_sentence=False, num_threads=1,
            bos_id=-1, eos_id=-1, minloglevel=2,
        )  # fmt: skip
    except (RuntimeError, OSError) as error:
        raise SettingsError(
            f"SentencePiece finds no {size:,} pieces in this text ({one_line(error)}); give another number"
        ) from None
    return written.getvalue()


def _cognates(counted: Mapping[str, Counted]) -> Spelling:
    """Of each language with the one that has most words of text."""
    sizes = {language: int(each.counts.sum()) for language, each in counted.items()}
    hub = max(sorted(sizes), key=lambda language: sizes[language])
    most = LearningSettings().words
    words: dict[str, Words] = {}
    for language, each in counted.items():
        try:
            words[language] = counted_words(language, zip(each.words, each.counts.tolist(), strict=True), most)
        except CorpusError:  # only numbers
            continue
    found: dict[str, dict[str, str]] = {}
    for language in sorted(words):
        if language == hub or hub not in words:
            continue
        try:
            pairs = learn(words[language], words[hub]).pairs
        except CorpusError:  # nothing that can be romanised
            continue
        own: dict[str, str] = {}
        for left, right in pairs.select("left", "right").iter_rows():
            own.setdefault(left, right)
        found[language] = own
    return Spelling("cognates", hub=hub, cognates=found)
