"""Phoneme inventories: which sounds two languages share, whatever their frequency.

An inventory says that a language has a sound, not that anybody hears it: English and Portuguese share much of the
consonant chart, and yet no Portuguese sentence sounds English. Prefer what is weighed by frequency (``phones``) for
how near languages sound; take inventories for the chart, as one puts two tables of sounds side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sprachbund.neighbours.identities import alpha3
from sprachbund.neighbours.measures import Value, lacking
from sprachbund.neighbours.sources import Sources
from sprachbund.normal_forms import composed, normal_form

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Inventory", "inventory_of", "jaccard", "jaccard_of"]

_VERSION = 1
CLASSES = ("consonant", "vowel")
"""Tones are left out: most inventories say nothing of them."""


@dataclass(frozen=True)
class Inventory:
    """The sounds of a language in IPA, each once, in the order of the source."""

    consonants: tuple[str, ...]
    vowels: tuple[str, ...]
    name: str = ""

    @property
    def phonemes(self) -> tuple[str, ...]:
        """All of them."""
        return self.consonants + self.vowels


def jaccard(one: Sequence[str], other: Sequence[str]) -> float | None:
    """The Jaccard index of two sets of symbols, |A and B| / |A or B|, compared in NFC; None where both are empty."""
    first, second = ({normal_form("NFC", each) for each in symbols} for symbols in (one, other))
    either = first | second
    return len(first & second) / len(either) if either else None


def inventory_of(sources: Sources, code: str) -> Inventory | None:
    """The inventory that PHOIBLE prefers for a language; None where it has none.

    Raises:
        MissingDataError: PHOIBLE is not there.
    """
    path = sources.file("phoible", "phoible-phonemes.tsv", "phoible.csv")
    table = sources.features("phoible", _VERSION, [path], _schema(), lambda: _preferred(path))
    rows = sources.once(
        ("phoible by language", path),
        lambda: {key[0]: part for key, part in table.group_by("iso", maintain_order=True)},
    )
    iso = next((each for each in alpha3(code) if each in rows), None)
    return None if iso is None else sources.once(("inventory", path, iso), lambda: _inventory(rows[iso]))


def jaccard_of(sources: Sources, target: str, candidate: str) -> Value:
    """The Jaccard index of two languages' inventories; consonants, vowels and what is not shared as parts."""
    first, second = inventory_of(sources, target), inventory_of(sources, candidate)
    if first is None or second is None:
        return lacking(f"PHOIBLE has no inventory of {candidate if first is not None else target}", "PHOIBLE")
    parts: dict[str, Any] = {"inventories": [first.name, second.name]}
    for name, one, other in (
        ("consonants", first.consonants, second.consonants),
        ("vowels", first.vowels, second.vowels),
    ):
        parts[name] = {
            "value": jaccard(one, other),
            "shared": [each for each in one if each in other],
            "only": [[each for each in one if each not in other], [each for each in other if each not in one]],
        }
    return Value(jaccard(first.phonemes, second.phonemes), coverage=1.0, source="PHOIBLE", parts=parts)


def _inventory(rows: "pl.DataFrame") -> Inventory:
    sounds = [tuple(rows.filter(rows["class"] == kind)["phoneme"]) for kind in CLASSES]
    return Inventory(sounds[0], sounds[1], str(rows["name"][0]))


def _schema() -> dict[str, Any]:
    import polars as pl

    return {"iso": pl.String, "name": pl.String, "class": pl.String, "phoneme": pl.String}


def _preferred(path: Any) -> "pl.DataFrame":
    """Of each language the inventory that PHOIBLE trusts most; the edition without that column: its first."""
    import polars as pl

    tabs = ".tsv" in path.name
    read = pl.read_csv(path, separator="\t" if tabs else ",", infer_schema=False, quote_char=None if tabs else '"')
    named = read.rename(
        {
            old: new
            for old, new in (
                ("LanguageCode", "iso"), ("ISO6393", "iso"), ("LanguageName", "name"), ("Phoneme", "phoneme"),
                ("Class", "class"), ("SegmentClass", "class"), ("InventoryID", "inventory"),
            )
            if old in read.columns
        }
    )  # fmt: skip
    rank = pl.col("Trump").cast(pl.Int64) if "Trump" in read.columns else pl.lit(1)
    ordered = named.with_columns(rank=rank, inventory=pl.col("inventory").cast(pl.Int64))
    first = ordered.sort("rank", "inventory").group_by("iso", maintain_order=True).agg(pl.col("inventory").first())
    # PHOIBLE itself keeps NFD; ours is NFC, so that an inventory typed by a user compares
    return (
        ordered.join(first, on=["iso", "inventory"], how="semi", maintain_order="left")
        .with_columns(phoneme=pl.col("phoneme").map_batches(composed, return_dtype=pl.String))
        .unique(["iso", "phoneme"], keep="first", maintain_order=True)
    )
