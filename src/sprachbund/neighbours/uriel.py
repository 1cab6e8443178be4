"""URIEL: typological features, families and places of languages, as handbooks have them.

Most of URIEL is missing: of the features of syntax it has some 70% for Portuguese and Spanish, of those of phonology
    none for either. A distance is computed over the features that both languages have, with their share beside it, and
    nothing
that was imputed is read: the file of predictions fills every gap, so that a table of its distances looks complete and
    is in good part a guess.

Sources: Littell et al. 2017, URIEL and lang2vec (the features); Khan et al. 2025, URIEL+ (the package that ships them).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sprachbund.errors import MissingDataError, SourceError, one_line
from sprachbund.neighbours.identities import alpha3
from sprachbund.neighbours.measures import Value, lacking
from sprachbund.neighbours.sources import Sources

__all__ = [
    "NAME",
    "cosine_distance",
    "family_of",
    "features_of",
    "genetic",
    "inventory",
    "phonology",
    "place_of",
    "places",
    "syntax",
]

NAME = "URIEL"
DOMAINS = {"syntax": "S_", "phonology": "P_", "inventory": "INV_", "family": "F_"}
_VERSION = 2
_EARTH = 6371.0  # km
Floats = npt.NDArray[np.float64]


def cosine_distance(one: Floats, other: Floats) -> tuple[float | None, float]:
    """1 - cos over the features that both have, and their share; None where no feature, or only absences, are shared.

    Args:
        one, other: float64 [features], NaN where nothing is known.
    """
    known = ~(np.isnan(one) | np.isnan(other))
    coverage = float(known.mean()) if len(known) else 0.0
    first, second = one[known], other[known]
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    if not lengths:
        return None, coverage
    return float(np.clip(1 - first @ second / lengths, 0, 2)), coverage


@dataclass(frozen=True)
class Features:
    """Features of languages: names [features], place of each ISO 639-3 code in the rows, float32 [languages,
    features]."""

    names: tuple[str, ...]
    rows: dict[str, int]
    values: npt.NDArray[np.float32]


def features_of(sources: Sources, domain: str, code: str) -> tuple[tuple[str, ...], Floats] | None:
    """The names and the values of a domain's features, NaN where no handbook says; None for an unknown language.

    A feature that several handbooks have is the mean of what they say.
    """
    table = _table(sources, "family_features" if domain == "family" else "features")
    row = next((table.rows[iso] for iso in alpha3(code) if iso in table.rows), None)
    if row is None:
        return None
    names, chosen = sources.once(("uriel domain", domain), lambda: _of_domain(table, domain))
    return names, table.values[row, chosen].astype(np.float64)


def _of_domain(table: Features, domain: str) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    chosen = [place for place, name in enumerate(table.names) if name.startswith(DOMAINS[domain])]
    return tuple(table.names[place] for place in chosen), np.array(chosen, np.int64)


def syntax(sources: Sources, target: str, candidate: str) -> Value:
    """The cosine distance of features of syntax."""
    return _distance(sources, "syntax", target, candidate)


def phonology(sources: Sources, target: str, candidate: str) -> Value:
    """The cosine distance of features of phonology."""
    return _distance(sources, "phonology", target, candidate)


def inventory(sources: Sources, target: str, candidate: str) -> Value:
    """The cosine distance of the classes of sounds that inventories have."""
    return _distance(sources, "inventory", target, candidate)


def genetic(sources: Sources, target: str, candidate: str) -> Value:
    """1 minus the share of branches of the family tree that both stand under: 2 |A and B| / (|A| + |B|) of the
    branches.

    Without a common family it is 1.
    """
    found = [_branches(sources, code) for code in (target, candidate)]
    for branches, code in zip(found, (target, candidate), strict=True):
        if not branches:
            return lacking(f"{NAME} has no family of {code}", NAME)
    first, second = found
    shared = [branch for branch in first if branch in second]
    value = 1 - 2 * len(shared) / (len(first) + len(second))
    parts = {"shared branches": shared, "family": [first[0], second[0]]}
    return Value(value, coverage=1.0, floor=1.0, source=NAME, parts=parts)


def family_of(sources: Sources, code: str) -> str | None:
    """The top of the family tree that a language stands in; None where it is not known."""
    branches = _branches(sources, code)
    return branches[0] if branches else None


def place_of(sources: Sources, code: str) -> tuple[float, float] | None:
    """Latitude and longitude of the middle of where a language is spoken; None where it is not known."""
    there = sources.once("uriel places", lambda: _read_places(sources))
    return next((there[iso] for iso in alpha3(code) if iso in there), None)


def places(sources: Sources, target: str, candidate: str) -> Value:
    """Kilometres between the places of two languages on the globe (haversine); a language has one place, its middle."""
    found = [place_of(sources, code) for code in (target, candidate)]
    for place, code in zip(found, (target, candidate), strict=True):
        if place is None:
            return lacking(f"{NAME} has no place of {code}", NAME)
    (one_lat, one_lon), (other_lat, other_lon) = (np.radians(place) for place in found if place is not None)
    half = np.sin((other_lat - one_lat) / 2) ** 2
    half += np.cos(one_lat) * np.cos(other_lat) * np.sin((other_lon - one_lon) / 2) ** 2
    value = float(2 * _EARTH * np.arcsin(np.sqrt(half)))
    return Value(value, coverage=1.0, source=NAME, parts={"places": [list(place) for place in found if place]})


def _distance(sources: Sources, domain: str, target: str, candidate: str) -> Value:
    found = [features_of(sources, domain, code) for code in (target, candidate)]
    for features, code in zip(found, (target, candidate), strict=True):
        if features is None:
            return lacking(f"{NAME} does not know {code}", NAME)
        if np.isnan(features[1]).all():
            return lacking(f"{NAME} has no feature of {domain} of {code}", NAME)
    assert found[0] is not None and found[1] is not None
    (names, first), (_, second) = found[0], found[1]
    value, coverage = cosine_distance(first, second)
    if value is None:
        return lacking(f"{NAME} has no feature of {domain} of both", NAME)
    unlike = [names[place] for place in np.flatnonzero(np.abs(first - second) > 0.5)]
    parts = {"features": len(names), "compared": round(coverage * len(names)), "unlike": unlike}
    return Value(value, coverage=coverage, source=NAME, parts=parts)


def _branches(sources: Sources, code: str) -> tuple[str, ...]:
    """The branches of the tree above a language, the family first; () where it is unknown."""
    features = features_of(sources, "family", code)
    if features is None:
        return ()
    names, values = features
    return tuple(names[place].removeprefix("F_") for place in np.flatnonzero(values > 0))


def _file(sources: Sources, names: Sequence[str]) -> Path:
    """The first of some files of URIEL: in the folder of data, else inside the installed package, which is not run."""
    spec = find_spec("urielplus")
    folders = [sources.find("uriel")]
    if spec is not None and spec.origin is not None:
        folders += [Path(spec.origin).parent / "database" / each for each in ("original_uriel", "urielplus_csvs")]
    for folder in folders:
        for name in names:
            if folder is not None and (folder / name).is_file():
                return folder / name
    raise MissingDataError(f"{sources.absent('uriel')}, or pip install 'sprachbund[neighbours]'")


def _table(sources: Sources, name: str) -> Features:
    return sources.once(("uriel", name), lambda: _read(sources, _file(sources, [f"{name}.npz"])))


def _read(sources: Sources, path: Path) -> Features:
    """The features that any handbook has, as their mean, of languages that any handbook knows."""
    import polars as pl

    schema = {"iso": pl.String, "feature": pl.String, "value": pl.Float32}

    def make() -> pl.DataFrame:
        try:
            with np.load(path, allow_pickle=False) as read:
                names, languages, cube = read["feats"], read["langs"], read["data"]
        except (OSError, ValueError, KeyError) as error:
            raise SourceError(f"{path}: expected an archive of URIEL's features ({one_line(error)})") from None
        known = cube >= 0  # -1 where a handbook says nothing
        told = known.sum(axis=2)
        mean = np.where(known, cube, 0).sum(axis=2) / np.maximum(told, 1)
        # a family's features are 1 or 0 for every language: only the ones say anything
        row, column = np.nonzero(told > 0 if not str(names[0]).startswith("F_") else mean > 0)
        values = mean[row, column].astype(np.float32)
        told_of = pl.DataFrame({"iso": languages[row], "feature": names[column], "value": values}, schema)
        if not str(names[0]).startswith("F_"):
            return told_of
        alone = [str(each) for each in languages[~(mean > 0).any(axis=1)]]  # an isolate is a family of its own
        return pl.concat(
            [told_of, pl.DataFrame({"iso": alone, "feature": [f"F_{each}" for each in alone], "value": 1.0}, schema)]
        )

    kind = path.stem.replace("_", "-")
    table = sources.features(f"uriel-{kind}", _VERSION, [path], schema, make)
    languages = table["iso"].unique(maintain_order=True).to_list()
    names = table["feature"].unique(maintain_order=True).sort().to_list()
    if kind == "family-features":  # from the family down, as the file has them
        names = table["feature"].unique(maintain_order=True).to_list()
    rows, columns = ({each: place for place, each in enumerate(known)} for known in (languages, names))
    values = np.full((len(languages), len(names)), np.nan, np.float32)
    values[table["iso"].replace_strict(rows), table["feature"].replace_strict(columns)] = table["value"]
    return Features(tuple(names), rows, values)


def _read_places(sources: Sources) -> dict[str, tuple[float, float]]:
    """Latitude and longitude by ISO 639-3. The package has other headings than the tables that it was made from."""
    import polars as pl

    there, codes = (
        _file(sources, [f"urielplus_{name}.csv", f"{name}.csv"]) for name in ("lang_fam_geo", "uriel_glottocode_map")
    )
    try:
        read, named = (pl.read_csv(path, infer_schema=False) for path in (there, codes))
        iso = "iso_code" if "iso_code" in named.columns else "code"
        place = ("language_id", "latitude", "longitude") if "latitude" in read.columns else ("code", "lat", "lon")
        rows = (
            named.select(iso=iso, glottocode="glottocode")
            .join(read.select(glottocode=place[0], lat=place[1], lon=place[2]), on="glottocode")
            .select("iso", pl.col("lat", "lon").cast(pl.Float64, strict=False))
            .drop_nulls()
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{there}: expected URIEL's table of places ({one_line(error)})") from None
    return {code: (latitude, longitude) for code, latitude, longitude in rows.iter_rows()}
