"""What each entry of a query weighs: how rare it is, in which form it stands, and in which part of a word.

    class     the entries that stand for one another; its rarity is that of all of them together
    exact     weighs as its class where the query has it plain: who types *pais* may mean *país*. Where the query has it
              with its accents these are meant, and it weighs as rare as it is itself.
    further   weighs `Fusion.plain` of its class, so it stands below; in full where the exact one stands nowhere
    accents   a query that has some, on a word that stands somewhere, was typed by somebody who types them. Then its
              plain words are meant too; further forms weigh a fifth, those of parts of words nothing.
    parts     all parts of a word together give at most the share `Fusion.parts` of what the word gives, and the word
              the rest: so a chance run of four characters, one of many, never makes up for a word. Of a word that
              stands nowhere parts give that share of what a word gives that stands once.

What an exact entry weighs counts the further entry that holds it as well, so a text without accents, or a query that
has them all, is scored as if there were no further form.
"""

import numpy as np

from sprachbund.arrays import Flags, Float32, Float64, Int64
from sprachbund.retrieval.ranking.bm25 import inverse_document_frequency
from sprachbund.search.forms import CHARACTER, EXACT, WORD, Entries
from sprachbund.search.fusion import Fusion

MEANT = 0.2
"""What a further form weighs of `Fusion.plain` in a query that has accents."""


def weigh(
    entries: Entries, frequency: Int64, passages: int, fusion: Fusion, restored: frozenset[int] = frozenset()
) -> Float32:
    """The weight of each entry: float32 [entries]; of what stands nowhere 0.

    The most that a passage can have of each class adds up to 1, so a score says how much of the query a passage has.

    Args:
        frequency: int64 [entries], the passages that each stands in. passages: in all.
        restored: keys of words that were typed without their accents.
    """
    count = len(entries)
    size = int(entries.classes.max()) + 1 if count else 0
    exact = entries.forms == EXACT
    accents = exact & entries.held & (entries.features == WORD) & (frequency > 0)
    meant = bool((accents & ~np.isin(entries.keys, np.array(sorted(restored), np.uint64))).any())
    if meant:
        frequency = np.where(~exact & (entries.features == CHARACTER), 0, frequency)
    below = fusion.plain * (MEANT if meant else 1.0)
    together = np.bincount(entries.classes, np.where(entries.held, 0, frequency), size)
    of_class = np.minimum(together, passages)[entries.classes].astype(np.int64)
    own, rarity = (_rarity(entries, f, passages, fusion) for f in (frequency, of_class))
    found = np.zeros(size, np.bool_)
    found[entries.classes[exact & (frequency > 0)]] = True
    sought = np.zeros(size, np.bool_)
    sought[entries.classes[exact]] = True
    # of a further entry: below the exact one, unless that stands nowhere
    share = np.where((sought & ~found)[entries.classes], 1.0, below)
    held = entries.held & (together[entries.classes] > 0)
    weights = np.where(exact, np.where(held, own - below * rarity, own if meant else rarity), share * rarity)
    alone = _alone(entries, frequency, size)
    weights = np.where(alone[entries.classes], np.where(exact, own, 0.0), weights)
    weights[frequency == 0] = 0
    best = np.zeros(size)
    np.maximum.at(best, entries.classes, np.where(frequency > 0, np.where(exact & entries.held, own, weights), 0.0))
    factors, total = _parts(entries, best, passages, fusion)
    result: Float32 = (weights * factors / (total or 1.0)).astype(np.float32)
    return result


def _parts(entries: Entries, best: Float64, passages: int, fusion: Fusion) -> tuple[Float64, float]:
    """What to multiply each entry with so that parts of words keep to their share, and the most of the whole query."""
    count = int(entries.words.max()) + 1 if len(entries) else 0
    classes, at = np.unique(entries.classes, return_index=True)
    owner, inside = entries.words[at], entries.features[at] == CHARACTER
    word, parts = (np.bincount(owner[own], best[classes[own]], count) for own in (~inside, inside))
    once = _rarity(entries, np.ones(len(entries), np.int64), passages, fusion)
    whole = np.zeros(count)
    np.maximum.at(whole, entries.words[entries.features == WORD], once[entries.features == WORD])
    most = fusion.parts * (np.where(word > 0, word, whole) + parts)
    kept = np.minimum(parts, most)
    of_parts = np.divide(kept, parts, out=np.ones(count), where=parts > 0)
    of_word = np.divide(word + parts - kept, word, out=np.ones(count), where=word > 0)
    factors = np.where(entries.features == CHARACTER, of_parts[entries.words], of_word[entries.words])
    return factors, float(np.where(word > 0, word + parts, kept).sum())


def _alone(entries: Entries, frequency: Int64, size: int) -> Flags:
    """Of each class whether what is exact is all there is: nothing else has to be walked then."""
    exact = np.bincount(entries.classes, np.where(entries.held, frequency, 0), size)
    further = np.bincount(entries.classes, np.where(entries.forms == EXACT, 0, frequency), size)
    result: Flags = (exact > 0) & (exact == further)
    return result


def _rarity(entries: Entries, frequency: Int64, passages: int, fusion: Fusion) -> Float64:
    """The counts of entries by how rare they are: float64 [entries]."""
    result = np.zeros(len(entries))
    for feature, settings, weight in (
        (WORD, fusion.words, 1.0),
        (CHARACTER, fusion.characters, fusion.character_weight),
    ):
        own = entries.features == feature
        idf = inverse_document_frequency(np.maximum(frequency[own], 1), max(1, passages), settings)
        result[own] = entries.counts[own] * idf * weight
    return result
