"""What each entry of a query weighs: how rare it is, in which form it stands, and in which part of a word.

    class     the entries that stand for one another; its rarity is that of all of them together
    exact     weighs as its class where the query has it plain: who types *pais* may mean *país*. Where the query has it
              with its accents these are meant, and it weighs as rare as it is itself.
    further   weighs `Fusion.forms` of its class, so it stands below; in full where the exact one stands nowhere

What an exact entry weighs counts the further entry that holds it as well, so a text without accents, or a query that
has them all, is scored as if there were no further form.
"""

import numpy as np
import numpy.typing as npt

from sprachbund.retrieval.bags import Float32, Int64
from sprachbund.retrieval.bm25 import inverse_document_frequency
from sprachbund.search.forms import CHARACTER, EXACT, WORD, Entries
from sprachbund.search.fusion import Fusion

Float64 = npt.NDArray[np.float64]


def weigh(entries: Entries, frequency: Int64, passages: int, fusion: Fusion) -> Float32:
    """The weight of each entry: float32 [entries]; of what stands nowhere 0.

    The most that a passage can have of each class adds up to 1, so a score says how much of the query a passage has.

    Args:
        frequency: int64 [entries], the passages that each stands in. passages: in all.
    """
    count = len(entries)
    size = int(entries.classes.max()) + 1 if count else 0
    exact = entries.forms == EXACT
    together = np.bincount(entries.classes, np.where(entries.held, 0, frequency), size)
    of_class = np.minimum(together, passages)[entries.classes].astype(np.int64)
    own, rarity = (_rarity(entries, f, passages, fusion) for f in (frequency, of_class))
    found = np.zeros(size, np.bool_)
    found[entries.classes[exact & (frequency > 0)]] = True
    sought = np.zeros(size, np.bool_)
    sought[entries.classes[exact]] = True
    # of a further entry: below the exact one, unless that stands nowhere
    share = np.where((sought & ~found)[entries.classes], 1.0, fusion.plain)
    weights = np.where(exact, np.where(entries.held, own - fusion.plain * rarity, rarity), share * rarity)
    alone = _alone(entries, frequency, size)
    weights = np.where(alone[entries.classes], np.where(exact, own, 0.0), weights)
    weights[frequency == 0] = 0
    best = np.zeros(size)
    np.maximum.at(best, entries.classes, np.where(frequency > 0, np.where(exact & entries.held, own, weights), 0.0))
    result: Float32 = (weights / (best.sum() or 1.0)).astype(np.float32)
    return result


def _alone(entries: Entries, frequency: Int64, size: int) -> npt.NDArray[np.bool_]:
    """Of each class whether what is exact is all there is: nothing else has to be walked then."""
    exact = np.bincount(entries.classes, np.where(entries.held, frequency, 0), size)
    further = np.bincount(entries.classes, np.where(entries.forms == EXACT, 0, frequency), size)
    result: npt.NDArray[np.bool_] = (exact > 0) & (exact == further)
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
