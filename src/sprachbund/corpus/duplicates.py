"""What a corpus has twice, and what of it lies on two sides of a split.

Encyclopaedias repeat themselves: bots and templates write *X is a village in Y with N inhabitants* ten
thousand times. A held-out sentence of that kind stands in the training text once its numbers are masked,
and to find it again is memory, not retrieval. `find_templates` finds such sentences and the documents made
of them. Comparing masked forms is exact and cheap, and blind to templates that vary in names; fuzzy
matching would see more and cannot be checked by eye.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sprachbund.arrays import Flags, Int64, UInt8, UInt64
from sprachbund.corpus.placing import Split, place_corpus
from sprachbund.corpus.splits import DEFAULT_SHARES, SIDES, TRAIN
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError
from sprachbund.languages import among

TEMPLATE_SHARE = 0.1
"""A document of which a larger share of the sentences are templates is a template itself."""
_NUMBER = r"\p{N}(?:[\p{N}.,]*\p{N})?"
_BETWEEN_WORDS = r"[^\p{L}\p{M}\p{N}]+"
_UNSPACED = r"[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff]"
_SPACED_WORD = r"[\p{L}\p{M}\p{N}--[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff]]+"


@dataclass(frozen=True)
class Templates:
    """What of a language is template.

    Attributes:
        sentences: bool [rows]: a dev or test sentence that stands in the training text in template form.
        documents: bool [documents]: more than one in ten of the document's held-out sentences do.
    """

    sentences: Flags
    documents: Flags


def template_form(expr: pl.Expr) -> pl.Expr:
    """A sentence without what changes from one filling of a template to the next.

    Lower case; every number (1,234.5 is one) is 0; every run of punctuation and blanks is one space.
    """
    return (
        expr.str.to_lowercase().str.replace_all(_NUMBER, "0").str.replace_all(_BETWEEN_WORDS, " ").str.strip_chars(" ")
    )


def document_numbers(frame: pl.DataFrame) -> Int64:
    """int64 [rows]: the number of each sentence's document, from 0 in reading order."""
    return frame["document"].rle_id().to_numpy().astype(np.int64)


def find_templates(frame: pl.DataFrame, sides: UInt8) -> Templates:
    """Find the held-out sentences and documents that are templates of the training text.

    Args:
        frame: the sentences of one language in reading order, with the columns document and text.
        sides: uint8 [rows]: the side of each sentence, as `splits.sides` numbers them.

    Raises:
        CorpusError: ``sides`` has not one value a sentence.

    Source: the rule is ours (templates, bots); 18% of the test queries of a Ukrainian pilot were such.
    """
    if len(frame) != len(sides):
        raise CorpusError(f"expected a side for each of the {len(frame):,} sentences, found {len(sides):,}")
    numbers = document_numbers(frame)
    forms = frame.select(form=template_form(pl.col("text")))["form"]
    held_out = sides != TRAIN
    training = forms.filter(pl.Series(~held_out)).unique()
    found = forms.is_in(training.implode()).to_numpy() & (forms != "").to_numpy() & held_out
    return Templates(found, _of_templates(found, numbers, held_out))


def held_out_templates(frame: pl.DataFrame, sides: UInt8) -> Flags:
    """bool [rows]: the held-out sentences that may be no query: a template, or in a document of templates.

    The arguments and errors are those of `find_templates`.
    """
    return no_queries(find_templates(frame, sides).sentences, document_numbers(frame), sides != TRAIN)


def no_queries(found: Flags, numbers: Int64, held_out: Flags) -> Flags:
    """What `held_out_templates` says, of sentences that were found to be templates.

    Args:
        found, held_out: bool [rows]. numbers: int64 [rows], each sentence's document, from 0.
    """
    return np.logical_or(found, _of_templates(found, numbers, held_out)[numbers] & held_out)


def _of_templates(found: Flags, numbers: Int64, held_out: Flags) -> Flags:
    """bool [documents]: those of which a larger share of the held-out sentences are templates than may be."""
    of_document = np.bincount(numbers, weights=held_out)
    share = np.bincount(numbers, weights=found) / np.maximum(of_document, 1)
    large: Flags = share > TEMPLATE_SHARE
    return large


def duplicate_report(
    corpus: Corpus,
    languages: Sequence[str] | None = None,
    shares: tuple[float, float, float] = DEFAULT_SHARES,
    seed: int = 0,
) -> pl.DataFrame:
    """Sizes, duplicates and leakage, a row a language.

    Args:
        languages: which to report; all by default. The split is that of the whole corpus in any case, since
            translations fall on one side.
        shares: of the groups for train, dev and test.
        seed: of the split.

    Returns:
        The columns language; documents, sections, sentences; words (about: dictionary scripts are counted as
        a word for two characters); train, dev and test (documents); duplicates (sentences that stand
        earlier in the language already); held_out (sentences of dev and test); sentences_across and
        documents_across (held-out ones whose very text is also on another side); template_sentences and
        template_documents (of the held-out ones); and template_share (of the held-out sentences, 0 to 1).

    Raises:
        LanguageError: the corpus lacks one of the languages.
    """
    placed = place_corpus(corpus, Split(shares, seed))
    wanted = corpus.languages if languages is None else tuple(among(languages, corpus.languages, f"{corpus.path}:"))
    rows = [_row(corpus, lang, placed[lang].sides) for lang in wanted]
    return pl.DataFrame(rows, schema=_SCHEMA)


_COUNTS = (
    *("documents", "sections", "sentences", "words", *SIDES, "duplicates", "held_out"),
    *("sentences_across", "documents_across", "template_sentences", "template_documents"),
)
_SCHEMA = {"language": pl.String, **dict.fromkeys(_COUNTS, pl.Int64), "template_share": pl.Float64}


def _row(corpus: Corpus, lang: str, side: UInt8) -> dict[str, str | int | float | None]:
    frame = corpus.read(lang, ["document", "text"])
    numbers = document_numbers(frame)
    templates = find_templates(frame, side[numbers])
    texts = frame.select(pl.col("text").hash())["text"].to_numpy()
    whole = (
        frame.select(pl.col("text"), number=pl.Series(numbers))
        .group_by("number", maintain_order=True)
        .agg(pl.col("text").str.join("\n"))
        .select(pl.col("text").hash())["text"]
        .to_numpy()
    )
    held_out = int((side[numbers] != TRAIN).sum())
    words = frame.select(
        pl.col("text").str.count_matches(_SPACED_WORD).sum() + pl.col("text").str.count_matches(_UNSPACED).sum() // 2
    ).item()
    counts = corpus.counts[lang]
    return {
        "language": lang,
        "documents": counts["documents"],
        "sections": counts["sections"],
        "sentences": counts["sentences"],
        "words": int(words),
        **{name: int((side == number).sum()) for number, name in enumerate(SIDES)},
        "duplicates": len(texts) - len(np.unique(texts)),
        "held_out": held_out,
        "sentences_across": _across(texts, side[numbers]),
        "documents_across": _across(whole, side),
        "template_sentences": int(templates.sentences.sum()),
        "template_documents": int(templates.documents.sum()),
        "template_share": float(templates.sentences.sum()) / held_out if held_out else None,
    }


def _across(hashes: UInt64, side: UInt8) -> int:
    """How many held-out items have a hash that also stands on another side."""
    on: list[UInt64] = [np.unique(hashes[side == number]) for number in range(len(SIDES))]
    found = np.zeros(len(hashes), bool)
    for number in range(len(SIDES)):
        others = np.concatenate([values for other, values in enumerate(on) if other != number])
        found |= (side == number) & np.isin(hashes, others)
    return int((found & (side != TRAIN)).sum())
