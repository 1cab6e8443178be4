"""Overlap as findings of Arnold & Cohen 2021: F2, which vocabularies cluster; F8 and F10, what a pivot links."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
import polars as pl

from sprachbund.analyses.charts import heat_map
from sprachbund.analyses.finding import Drawn, Finding, Replicated
from sprachbund.analyses.overlap.vocabularies import ALL, Overlap
from sprachbund.report.wording import listed, share

__all__ = ["CLUSTERS", "clusters_finding", "links_finding", "replicated_clusters", "replicated_links"]

CLUSTERS: Mapping[str, tuple[str, ...]] = {
    "Romance": ("ro", "gl", "ca", "pt", "it", "fr", "es"),
    "Serbian and Serbo-Croatian": ("sr", "sh"),
    "Cebuano, Waray, Vietnamese and Swedish": ("ceb", "war", "vi", "sv"),
}
"""Those that the paper sees in its figure 2; the last is the work of a program, Lsjbot."""
Triple = tuple[str, str, str]
"""Target, auxiliary, pivot."""
_SHOWN = 3


def clusters_finding(found: Overlap) -> Finding:
    """F2: the Jaccard matrix in the order of its clusters, with and without template text."""
    matrix, apart = found.matrix(), found.matrix("jaccard_apart")
    pairs = sorted(
        ((matrix[i, j], apart[i, j], found.languages[i], found.languages[j]) for i, j in _pairs(len(matrix))),
        key=lambda pair: -np.nan_to_num(pair[0]),
    )
    near = listed([f"{one} and {other} ({share(value)})" for value, _, one, other in pairs[:_SHOWN]])
    words = [f"The vocabularies of {near} have most in common, by the Jaccard index of words and bigrams."]
    held = {name: _holds(found, members) for name, members in CLUSTERS.items()}
    tested = {name: holds for name, holds in held.items() if holds is not None}
    if tested:
        said = [f"{name} {'stand' if holds else 'do not stand'} together" for name, holds in tested.items()]
        words.append(f"Of the paper's clusters with two languages here or more, {listed(said)}.")
    else:
        words.append("Of the paper's clusters none has two languages here and others beside them.")
    written = found.coverage.drop_nulls("template").filter(pl.col("template") > 0.1)["language"].to_list()
    if written:
        words.append(
            f"More than a tenth of the training text of {listed(written)} is template text, left out on the right."
        )
    return Finding(
        "F2",
        "Which vocabularies cluster",
        " ".join(words),
        paper="clusters ro-gl-ca-pt-it-fr-es; sr-sh; ceb-war-vi-sv (Lsjbot)",
        ours=f"most: {near}; order {'-'.join(found.languages)}",
        replicated=replicated_clusters(tested.values()),
        charts=(
            Drawn("F2", "Jaccard index of every two vocabularies, in the order of their clusters.",
                  heat_map(found.languages, matrix, "Jaccard index")),
            Drawn("F2-apart", "The same without template text.",
                  heat_map(found.languages, apart, "Jaccard index without template text")),
        ),
        tables=(
            ("Pairs", found.pairs.filter(ngrams=ALL, script=ALL).sort("jaccard", descending=True, nulls_last=True)),
            ("By kind of n-gram and script", found.pairs),
            ("Coverage", found.coverage),
        ),
    )  # fmt: skip


def _pairs(count: int) -> Iterable[tuple[int, int]]:
    return combinations(range(count), 2)


def _holds(found: Overlap, members: Sequence[str]) -> bool | None:
    """Whether each member has more in common with the others of its cluster than with the rest, on average.

    None where the languages have no two of them, or none beside them.
    """
    inside = [found.languages.index(code) for code in members if code in found.languages]
    outside = [place for place in range(len(found.languages)) if place not in inside]
    if len(inside) < 2 or not outside:
        return None
    matrix = np.nan_to_num(found.matrix())
    return all(
        matrix[one, [other for other in inside if other != one]].mean() > matrix[one, outside].mean() for one in inside
    )


def replicated_clusters(held: Iterable[bool]) -> Replicated:
    """Whether the paper's clusters stand together: yes, all that can be tested; in part; no; not shown: none can be."""
    answers = list(held)
    if not answers:
        return "not shown"
    return "yes" if all(answers) else "in part" if any(answers) else "no"


def links_finding(found: Overlap, triples: Sequence[Triple]) -> Finding:
    """F8 and F10: the directed overlaps of targets, auxiliaries and pivots, before anything is censored."""
    said = "target and auxiliary overlap little, and both with the pivot (numbers in figures 8 and 10 alone)"
    title = "What links target, pivot and auxiliary"
    if not triples:
        return Finding(
            "F8", title, "No study has a target, an auxiliary and a pivot.", paper=said, replicated="not shown"
        )
    whole, apart = found.matrix("directed"), found.matrix("directed_apart")
    place = {code: number for number, code in enumerate(found.languages)}
    rows = [
        {
            "target": target, "auxiliary": auxiliary, "pivot": pivot, "of": one, "in": other,
            "directed": float(whole[place[one], place[other]]),
            "without template text": float(apart[place[one], place[other]]),
        }
        for target, auxiliary, pivot in triples
        for one in (target, auxiliary, pivot)
        for other in (target, auxiliary, pivot)
        if one != other
    ]  # fmt: skip
    shown = [code for code in found.languages if any(code in triple for triple in triples)]
    square = whole[np.ix_([place[code] for code in shown], [place[code] for code in shown])]
    links = [{(a, b): float(whole[place[a], place[b]]) for a in triple for b in triple if a != b} for triple in triples]
    words = [
        f"Of the vocabulary of {target} {auxiliary} has {share(link[target, auxiliary])}, {pivot} "
        f"{share(link[target, pivot])}; of that of {auxiliary} {pivot} has {share(link[auxiliary, pivot])}."
        for (target, auxiliary, pivot), link in zip(triples[:_SHOWN], links, strict=False)
    ]
    return Finding(
        "F8",
        title,
        " ".join(words),
        paper=said,
        ours="; ".join(
            f"{target}–{auxiliary} {share(link[target, auxiliary])}, {target}–{pivot} {share(link[target, pivot])}, "
            f"{auxiliary}–{pivot} {share(link[auxiliary, pivot])}"
            for (target, auxiliary, pivot), link in zip(triples, links, strict=True)
        ),
        replicated=replicated_links(triples, links),
        charts=(
            Drawn(
                "F8",
                "How much of the row's vocabulary the column has, before censoring.",
                heat_map(shown, square, "directed overlap", across="has of it", down="vocabulary of"),
            ),
        ),
        tables=(("Directed overlaps", pl.DataFrame(rows).fill_nan(None)),),
    )


def replicated_links(triples: Sequence[Triple], links: Sequence[Mapping[tuple[str, str], float]]) -> Replicated:
    """Whether pivots link what overlaps little: yes in all triples, in part in some, no in none.

    A pivot links where it has more of the target's and of the auxiliary's vocabulary than these have of each other's.
    """
    held = [
        link[target, pivot] > link[target, auxiliary] and link[auxiliary, pivot] > link[auxiliary, target]
        for (target, auxiliary, pivot), link in zip(triples, links, strict=True)
    ]
    return "yes" if all(held) else "in part" if any(held) else "no"
