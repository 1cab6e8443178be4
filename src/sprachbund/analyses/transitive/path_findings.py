"""F9 and T3: the paths of every triple of a laboratory, from models that are trained once more.

What was found is a run like any other, so that a finished laboratory trains nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from sprachbund.analyses.finding import Finding
from sprachbund.analyses.transitive.paths import Path as Chain
from sprachbund.analyses.transitive.paths import find_paths
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, FolderError, SettingsError
from sprachbund.files import read_json, require_fields
from sprachbund.lab.recipe import Recipe, recipe_of
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.settings import from_dict
from sprachbund.runs.store import Runs

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory

__all__ = ["paths_finding"]

_Triple = tuple[str, str, str, str]
"""Task, target, pivots joined by +, auxiliary."""
_VERSION = 1
"""Rises when the same models give other paths."""


def paths_finding(laboratory: "Laboratory") -> tuple[Finding, ...]:
    """F9: for every triple with the arms *censored* and *severed* the n-grams by which an auxiliary reached a target.

    Raises:
        SettingsError: no study has both arms. CorpusError: there is no path at all.
    """
    both = {
        key: (own["linked"], own["cut"], own["data"])
        for key, own in _judged(laboratory.folder / "runs").items()
        if {"linked", "cut"} <= set(own)
    }
    if not both:
        raise SettingsError("no study has a censored auxiliary beside a severed one: name both strategies, as for T2")
    found: list[tuple[_Triple, Chain]] = []
    none: list[str] = []
    for key, (linked, cut, data) in sorted(both.items()):
        try:
            found += [(key, chain) for chain in _paths(laboratory.folder, laboratory.text, key, linked, cut, data)]
        except CorpusError as error:
            none.append(str(error))
    if not found:
        raise CorpusError("; ".join(none))
    (_, target, _, auxiliary), first = found[0]
    return (
        Finding(
            "F9",
            "Paths of transitive transfer",
            f"{first.auxiliary!r} of {auxiliary} stands with {first.pivot!r}, which {first.language} has too; there it "
            f"stands with {first.target!r}, which {target} has.",
            paper="a path target - pivot - auxiliary by code-mixing (te, en, tr)",
            ours=f"{len(found)} paths of {len(both)} triple{'s' if len(both) > 1 else ''}",
            tables=(("Paths, those that moved the target's n-gram farthest first", _table(found)),),
        ),
    )


def _paths(
    folder: Path, corpus: Corpus, key: _Triple, linked: Recipe, cut: Recipe, data: Mapping[str, Any]
) -> list[Chain]:
    """The paths of a triple; they are a run of the laboratory, and two models are trained where it is not there yet."""
    _, target, pivots, auxiliary = key

    def work(_: Mapping[str, Any], __: Path) -> dict[str, Any]:
        kind = RetrievalKind(_encoded(folder / "encoded", data), from_dict(data["settings"]))
        one, other = kind.train(linked, None), kind.train(cut, None)
        try:
            chains = find_paths(
                kind.encoded, corpus, one, other, linked.task,
                target=target, pivots=pivots.split("+"), auxiliary=auxiliary,
            )  # fmt: skip
        except CorpusError as error:
            return {"chains": [], "none": str(error)}
        return {"chains": [asdict(chain) for chain in chains], "none": ""}

    specification = {
        "kind": "retrieval", "job": "paths", "version": _VERSION, "triple": list(key), "data": dict(data),
        "linked": linked.to_dict(), "cut": cut.to_dict(),
    }  # fmt: skip
    runs = Runs(folder / "runs")
    runs.perform(specification, work)
    result = runs.result(specification)
    require_fields(runs.folder(specification) / "run.json", result, {"chains": list, "none": str})
    if not result["chains"]:
        raise CorpusError(result["none"])
    pairs = ("pivot_pair", "auxiliary_pair")
    return [Chain(**{**chain, **{name: tuple(chain[name]) for name in pairs}}) for chain in result["chains"]]


def _judged(runs: Path) -> dict[_Triple, dict[str, Any]]:
    """The recipes of judged models with a censored auxiliary, of the lowest seed, by triple."""
    found: dict[_Triple, dict[str, Any]] = {}
    for specification in _specifications(runs):
        recipe = recipe_of(specification["recipe"])
        barred = {code: share.without for code, share in recipe.text.items() if share.without}
        if len(barred) != 1 or recipe.start is not None:
            continue
        ((auxiliary, without),) = barred.items()
        for target in specification.get("baselines", {}):
            pivots = tuple(sorted(set(recipe.text) - {target, auxiliary}))
            name = {(target,): "linked", tuple(sorted((target, *pivots))): "cut"}.get(tuple(sorted(without)))
            if name is None:
                continue
            own = found.setdefault((recipe.task, target, "+".join(pivots), auxiliary), {"data": specification["data"]})
            known: Recipe | None = own.get(name)
            if known is None or recipe.seed < known.seed:
                own[name] = recipe
    return found


def _specifications(runs: Path) -> Iterator[Mapping[str, Any]]:
    for folder in sorted(runs.iterdir()):
        try:
            specification = read_json(folder / "run.json", "")["specification"]
        except (FolderError, KeyError, TypeError):
            continue
        if specification.get("job") == "judge" and specification.get("kind") == "retrieval":
            yield specification


def _encoded(folder: Path, data: Mapping[str, Any]) -> Path:
    """The encoded corpus that runs were made of."""
    for path in (folder, *sorted(folder.glob("*/"))):
        try:
            manifest = EncodedCorpus.open(path).manifest
        except FolderError:
            continue
        if all(manifest[name] == data[name] for name in ("corpus", "split", "languages", "characters")):
            return path
    raise FolderError(f"{folder}: the encoded text of the studies is gone; run the studies again in a new folder")


def _table(found: list[tuple[_Triple, Chain]]) -> pl.DataFrame:
    rows = [
        {
            "task": task, "target": target, "pivot": chain.language, "auxiliary": auxiliary,
            "of the target": chain.target, "of the pivot": chain.pivot, "of the auxiliary": chain.auxiliary,
            "moved": chain.moved, "handed on": chain.handed, "in the pivot": " / ".join(chain.pivot_pair),
            "in the auxiliary": " / ".join(chain.auxiliary_pair),
        }
        for (task, target, _, auxiliary), chain in found
    ]  # fmt: skip
    return pl.DataFrame(rows)
