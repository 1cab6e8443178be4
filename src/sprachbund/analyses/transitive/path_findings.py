"""F9 and T3: the paths of every triple of a laboratory, from models that are trained once more."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from sprachbund.analyses.finding import Finding
from sprachbund.analyses.transitive.paths import Path as Chain
from sprachbund.analyses.transitive.paths import find_paths
from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import read_json
from sprachbund.lab.recipe import Recipe, recipe_of
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.settings import from_dict

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory

__all__ = ["paths_finding"]

_Triple = tuple[str, str, str, str]
"""Task, target, pivots joined by +, auxiliary."""


def paths_finding(laboratory: "Laboratory") -> tuple[Finding, ...]:
    """F9: for every triple with the arms *censored* and *severed* the n-grams by which an auxiliary reached a target.

    Raises:
        SettingsError: no study has both arms.
    """
    both = {
        key: (own["linked"], own["cut"], own["data"])
        for key, own in _judged(laboratory.folder / "runs").items()
        if {"linked", "cut"} <= set(own)
    }
    if not both:
        raise SettingsError("no study has a censored auxiliary beside a severed one: name both strategies, as for T2")
    found: list[tuple[_Triple, Chain]] = []
    for key, (linked, cut, data) in sorted(both.items()):
        task, target, pivots, auxiliary = key
        kind = RetrievalKind(_encoded(laboratory.folder / "encoded", data), from_dict(data["settings"]))
        one, other = kind.train(linked, None), kind.train(cut, None)
        chains = find_paths(
            kind.encoded, laboratory.corpus, one, other, linked.task,
            target=target, pivots=pivots.split("+"), auxiliary=auxiliary,
        )  # fmt: skip
        found += [((task, target, pivots, auxiliary), chain) for chain in chains]
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
