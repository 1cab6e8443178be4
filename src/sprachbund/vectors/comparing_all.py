"""All of a comparison at once: what the command line and a page show."""

from collections.abc import Iterable, Sequence

from sprachbund.vectors.aligning import align
from sprachbund.vectors.alignment import Alignment
from sprachbund.vectors.compare_page import Compared
from sprachbund.vectors.comparing import directions as compare_directions
from sprachbund.vectors.comparing import near_in_both, opposites, together
from sprachbund.vectors.relations import Direction, Relation
from sprachbund.vectors.space import Space

__all__ = ["compare_vectors"]


def compare_vectors(
    left: Space,
    right: Space,
    alignment: Alignment | None = None,
    *,
    words: Iterable[str] = (),
    directions: Sequence[Direction] | None = None,
    relations: Sequence[Relation] | None = None,
    k: int = 10,
    force: bool = False,
) -> Compared:
    """Compare two languages in one space.

    Args:
        alignment: None: made now, from words that are spelled alike; ``force`` as there.
        words: whose neighbours in both are told. directions: pairs to be compared, see `relations.read_directions`.
        relations: synonyms and antonyms, see `relations.read_relations`: of each language that has two pairs of either.
        k: neighbours of a word.

    Raises:
        SettingsError: a word is in neither language, or too few pairs are in the vectors. CorpusError: as `align`.
    """
    alignment = align(left, right, force=force) if alignment is None else alignment
    both = together(left, right, alignment)
    near = tuple(near_in_both(both, word, k) for word in words)
    parallel = None if directions is None else compare_directions(both, directions)
    return Compared(
        both, dict(alignment.about), near, parallel, () if relations is None else opposites(both, relations)
    )
