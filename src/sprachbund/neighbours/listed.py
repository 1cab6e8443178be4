"""All measures, a row each, in the order of reports: a new one is a row here and a function."""

from sprachbund.neighbours import (
    concepts,
    iecor,
    inventories,
    learned,
    modelled,
    overlap,
    sounding,
    syntactic,
    uriel,
)
from sprachbund.neighbours.measures import Measure

__all__ = ["MEASURES", "measure_called"]

# fmt: off
MEASURES: tuple[Measure, ...] = (
    Measure("inventory", "inventory", "Jaccard", "higher", "phonetic", inventories.jaccard_of),
    Measure("phone-bigrams", "phone bigrams", "bits", "lower", "phonetic", sounding.bigram_divergence, text=True),
    Measure("articulation", "articulation", "distance", "lower", "phonetic", sounding.articulation_of, text=True),
    Measure("near-words", "near words", "share", "higher", "vocabulary", concepts.near_words, text=True, floors="own"),
    Measure("ldnd", "LDND", "ratio", "lower", "vocabulary", concepts.iecor_ldnd, text=True, floors="own"),
    Measure("asjp", "ASJP", "LDND", "lower", "vocabulary", concepts.asjp_ldnd, text=True, floors="own"),
    Measure("words", "words", "Jaccard", "higher", "vocabulary", overlap.words, text=True),
    Measure("grams", "4-grams", "Jaccard", "higher", "vocabulary", overlap.jaccard_of_grams, text=True),
    Measure("word-coverage", "coverage", "share", "higher", "vocabulary", overlap.directed, text=True, symmetric=False),
    Measure(
        "learned-cognates", "learned cognates", "share", "higher", "vocabulary", learned.share_of,
        text=True, symmetric=False, slow=True,
    ),
    Measure("cognates", "cognates", "share", "higher", "vocabulary", iecor.cognates_of, floors="own"),
    Measure("klcpos3", "KLcpos3", "nats", "lower", "syntactic", syntactic.klcpos3_of, text=True, symmetric=False),
    Measure("arcs", "dependency arcs", "bits", "lower", "syntactic", syntactic.arcs_of, text=True),
    Measure("word-order", "word order", "share", "lower", "syntactic", syntactic.order_of, text=True),
    Measure("bits", "bits per byte", "bits", "lower", "models", modelled.bits_of, text=True, symmetric=False),
    Measure("vectors", "mean vectors", "1 - cosine", "lower", "models", modelled.vectors_of, text=True),
    Measure("uriel-syntax", "URIEL syntax", "cosine distance", "lower", "typological", uriel.syntax),
    Measure("uriel-phonology", "URIEL phonology", "cosine distance", "lower", "typological", uriel.phonology),
    Measure("uriel-inventory", "URIEL inventory", "cosine distance", "lower", "typological", uriel.inventory),
    Measure("genetic", "family tree", "distance", "lower", "typological", uriel.genetic, floors="own"),
    Measure("geographic", "on the map", "km", "lower", "typological", uriel.places),
)
# fmt: on


def measure_called(name: str) -> Measure:
    """The measure of a name.

    Raises:
        SettingsError: there is none.
    """
    from sprachbund.errors import SettingsError

    for measure in MEASURES:
        if measure.name == name:
            return measure
    raise SettingsError(f"no measure is called {name}; there are: {', '.join(each.name for each in MEASURES)}")
