"""IE-CoR: the words of 170 concepts in Indo-European varieties, and which of them experts hold to be of one root.

Source: Heggarty et al. 2023, Language trees with sampled ancestors (IE-CoR), https://github.com/lexibank/iecor.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sprachbund.neighbours.estimates import mean_of
from sprachbund.neighbours.identities import alpha3
from sprachbund.neighbours.measures import Value, lacking
from sprachbund.neighbours.sources import Sources
from sprachbund.normal_forms import composed

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Words", "cognates", "cognates_of", "words_of"]

NAME = "IE-CoR"
_VERSION = 1
_SHOWN = 8  # concepts that parts list


@dataclass(frozen=True)
class Words:
    """The words of a variety by concept, and the cognate sets that they belong to.

    Attributes:
        variety: its name. forms: of each concept its words, in Latin letters. sets: of each concept its cognate sets.
        concepts: how many the table asks for.
    """

    variety: str
    forms: dict[str, tuple[str, ...]]
    sets: dict[str, frozenset[str]]
    concepts: int


def words_of(sources: Sources, code: str) -> Words | None:
    """The words of a language: its living standard variety, of several the first; None where there is none.

    Raises:
        MissingDataError: IE-CoR is not there.
    """
    files = [sources.file("iecor", f"{name}.csv") for name in ("languages", "parameters", "forms", "cognates")]
    table = sources.features("iecor", _VERSION, files, _schema(), lambda: _read(*files))
    by_iso = sources.once(("iecor by language", *files), lambda: _by_iso(table))
    return next((by_iso[iso] for iso in alpha3(code) if iso in by_iso), None)


def cognates(one: Words, other: Words) -> dict[str, bool]:
    """Of each concept that both have words with a known root for, whether any two are of one root."""
    shared = (concept for concept in one.sets if concept in other.sets)
    return {concept: bool(one.sets[concept] & other.sets[concept]) for concept in shared}


def cognates_of(sources: Sources, target: str, candidate: str) -> Value:
    """The share of concepts whose words experts hold to be cognate."""
    first, second = words_of(sources, target), words_of(sources, candidate)
    if first is None or second is None:
        return lacking(f"{NAME} has no variety of {candidate if first is not None else target}", NAME)
    found = cognates(first, second)
    if not found:
        return lacking(f"{NAME} has no concept with words of both", NAME)
    value, low, high = mean_of(np.array(list(found.values()), np.float64))
    examples = {same: [_shown(first, second, each) for each in found if found[each] is same] for same in (True, False)}
    parts = {
        "varieties": [first.variety, second.variety],
        "concepts": len(found),
        "cognate": sum(found.values()),
        "examples": examples[True][:_SHOWN],
        "not cognate": examples[False][:_SHOWN],
    }
    return Value(value, low, high, len(found) / first.concepts, source=NAME, parts=parts)


def _shown(first: Words, second: Words, concept: str) -> list[str]:
    return [concept, *("/".join(words.forms.get(concept, ())) for words in (first, second))]


def _schema() -> dict[str, Any]:
    import polars as pl

    return dict.fromkeys(("iso", "variety", "concept", "form", "set"), pl.String) | {"concepts": pl.Int64}


def _read(languages: Path, parameters: Path, forms: Path, sets: Path) -> "pl.DataFrame":
    """A row a word and cognate set, of one variety a language; concepts and forms in NFC."""
    import polars as pl

    tongues, meanings, words, roots = (
        pl.read_csv(path, infer_schema=False) for path in (languages, parameters, forms, sets)
    )
    # an old or a dead variety stands under the code of the living one too; the table's own order has the standard first
    living = tongues.filter((pl.col("historical") != "true") & (pl.col("fossil") != "true")).with_columns(
        place=pl.col("ID").cast(pl.Int64)
    )
    chosen = living.sort("place").unique("ISO639P3code", keep="first", maintain_order=True)
    return (
        words.join(chosen.select(Language_ID="ID", iso="ISO639P3code", variety="Name"), on="Language_ID")
        .join(meanings.select(Parameter_ID="ID", concept="Name"), on="Parameter_ID")
        .join(roots.select(ID="Form_ID", set="Cognateset_ID"), on="ID", how="left")
        .with_columns(
            form=pl.col("Form").fill_null("").map_batches(composed, return_dtype=pl.String),
            set=pl.col("set").fill_null(""),
            concepts=pl.lit(meanings.height, pl.Int64),
        )
        .sort("iso", "Parameter_ID", "ID")
        .drop_nulls("iso")
    )


def _by_iso(table: "pl.DataFrame") -> dict[str, Words]:
    found: dict[str, Words] = {}
    for iso, variety, concept, form, root, concepts in table.iter_rows():
        words = found.setdefault(iso, Words(variety, {}, {}, concepts))
        if form and form not in words.forms.get(concept, ()):
            words.forms[concept] = (*words.forms.get(concept, ()), form)
        if root:
            words.sets[concept] = words.sets.get(concept, frozenset()) | {root}
    return found
