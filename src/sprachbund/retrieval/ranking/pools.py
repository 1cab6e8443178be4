"""What a query's truth has to stand out from: the four pools, what each leaves out, and the null test.

    unseen        the held-out candidates of the side that is judged, same-document siblings included. It decides.
    paper         the truth, held out, among up to 100,000 candidates of the training side (Arnold & Cohen 2021, note 5)
    paper-equal   the same with as many candidates as ``unseen`` has, so that the two can be compared
    mixed         the held-out candidates of all languages together, as a multilingual index has them
    own           queries, truths and candidates all seen in training: someone trains on a folder and searches it

A pool is one for all queries of a language and for all arms. Left out for a query: candidates that contain it,
candidates that overlap its truth, candidates whose words are the truth's as a multiset. **The null test** plants the
truth of another query in place of the query's own: it must be found no more often than chance. Where it is found, the
pool tells the model what it has been trained on.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sprachbund.arrays import Int64
from sprachbund.corpus.splits import SIDES
from sprachbund.kernels import njit
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.encoded_language import EncodedLanguage
from sprachbund.retrieval.encoder.pairs import Pairs
from sprachbund.retrieval.ranking.ranks import Lists, lists
from sprachbund.retrieval.settings import Settings, Task

PoolName = str
POOLS: tuple[PoolName, ...] = ("unseen", "paper", "paper-equal", "mixed", "own")
PAPER_CANDIDATES = 100_000
OTHER_QUERIES = 1_000


@dataclass(frozen=True)
class Part:
    """Candidates of one language in a pool."""

    language: str
    pairs: Pairs


@dataclass(frozen=True)
class Pool:
    """Queries of one language and the columns that they are ranked among.

    Attributes:
        name: see the module. language, task, side: whose queries.
        queries: the queries with their truths.
        groups: int64 [queries], the document group of each, for intervals.
        parts: the candidates; their columns follow one another. The last part holds truths alone if ``extra``.
        ranked: the columns [0, ranked) compete.
        truth, planted: int64 [queries], the column of the truth and of another query's truth (-1: none).
        excluded, null_excluded: the columns left out for each query, and in the null test.
    """

    name: PoolName
    language: str
    task: Task
    side: str
    queries: Pairs
    groups: Int64
    parts: tuple[Part, ...]
    ranked: int
    truth: Int64
    planted: Int64
    excluded: Lists
    null_excluded: Lists

    def columns_hash(self) -> str:
        """A hash of the columns and their order: pools with the same one can share what was made of the columns."""
        digest = hashlib.sha256()
        for part in self.parts:
            digest.update(part.language.encode())
            for array in (part.pairs.query, part.pairs.first, part.pairs.last):
                digest.update(array.tobytes())
        return digest.hexdigest()

    def manifest(self) -> dict[str, Any]:
        """What the pool holds, so that another can see whether theirs is the same: sizes, sources, a hash."""
        digest = hashlib.sha256(self.columns_hash().encode())
        sources: dict[str, int] = {}
        columns = 0
        for part in self.parts:
            columns += len(part.pairs)
            if columns <= self.ranked:
                sources[part.language] = sources.get(part.language, 0) + len(part.pairs)
        digest.update(self.queries.query.tobytes())
        return {
            "pool": self.name,
            "task": self.task,
            "language": self.language,
            "side": self.side,
            "queries": len(self.queries),
            "candidates": self.ranked,
            "sources": sources,
            "sha256": digest.hexdigest(),
        }


def make_pool(
    encoded: EncodedCorpus,
    name: PoolName,
    language: str,
    task: Task,
    settings: Settings,
    *,
    side: str = "test",
    seed: int = 0,
    most_queries: int | None = None,
    most_candidates: int = PAPER_CANDIDATES,
) -> Pool:
    """Build a pool; the same arguments give the same pool.

    Args:
        most_queries: queries at most, drawn by seed; None for the settings' (``unseen``) or OTHER_QUERIES (others).
    """
    data = encoded.language(language)
    generator = np.random.default_rng([seed, SIDES.index(side), POOLS.index("unseen")])
    judged = data.pairs(task, settings, "train" if name == "own" else side)
    most = most_queries or (settings.pairs.most_queries if name == "unseen" else OTHER_QUERIES)
    most = min(most, settings.pairs.most_queries)
    chosen = choose_queries(data, judged, settings, most, generator, held_out=name != "own")
    held_out = len(data.pairs(task, settings, side))
    if name == "own":
        extra = np.setdiff1d(np.arange(len(judged)), chosen)
        extra = generator.permutation(extra)[: max(0, held_out - len(chosen))]
        kept = np.sort(np.concatenate((chosen, extra)))
        parts = [Part(language, judged[kept])]
        truth = np.searchsorted(kept, chosen)
    elif name == "unseen":
        parts, truth = [Part(language, judged)], chosen
    elif name == "mixed":
        parts, truth, offset = [], chosen, 0
        for other in encoded.languages:
            pairs = encoded.language(other).pairs(task, settings, side)
            if other == language:
                truth = chosen + offset
            parts.append(Part(other, pairs))
            offset += len(pairs)
    else:
        train = data.pairs(task, settings, "train")
        size = min(len(train), most_candidates if name == "paper" else min(held_out, most_candidates))
        kept = np.sort(generator.permutation(len(train))[:size])
        parts = [Part(language, train[kept]), Part(language, judged[chosen])]
        truth = size + np.arange(len(chosen))
    ranked = sum(len(part.pairs) for part in parts[: 1 if name.startswith("paper") else None])
    queries = judged[chosen]
    groups = data.groups[queries.query].astype(np.int64)
    stranger = plant(groups, generator)
    planted = np.where(stranger >= 0, truth[stranger], -1)
    excluded = exclusions(data, queries, parts, encoded.languages_data(), settings)
    both = [
        np.concatenate((excluded[i], excluded[int(stranger[i])])) if stranger[i] >= 0 else excluded[i]
        for i in range(len(queries))
    ]
    return Pool(
        name,
        language,
        task,
        side,
        queries,
        groups,
        tuple(parts),
        ranked,
        truth,
        planted,
        excluded,
        lists(both),
    )


def choose_queries(
    data: EncodedLanguage,
    pairs: Pairs,
    settings: Settings,
    most: int,
    generator: np.random.Generator,
    *,
    held_out: bool,
) -> Int64:
    """Which pairs ask: no templates if the settings say so, at most ``most``, in the order of the text."""
    allowed = np.arange(len(pairs), dtype=np.int64)
    if held_out and settings.templates:
        allowed = allowed[~data.templates[pairs.query]]
    if len(allowed) > most:
        allowed = np.sort(generator.permutation(allowed)[:most])
    return allowed


def plant(groups: Int64, generator: np.random.Generator) -> Int64:
    """For each query another query of another group, -1 where there is none: int64 [queries]."""
    count = len(groups)
    other = np.full(count, -1, np.int64)
    if count < 2 or (groups == groups[0]).all():
        return other
    order = generator.permutation(count)
    other[order] = np.roll(order, 1)
    for query in np.flatnonzero(groups[other] == groups):
        strangers = np.flatnonzero(groups != groups[query])
        other[query] = strangers[generator.integers(len(strangers))]
    return other


def exclusions(
    data: EncodedLanguage,
    queries: Pairs,
    parts: list[Part],
    languages: Mapping[str, EncodedLanguage],
    settings: Settings,
) -> Lists:
    """For each query the columns that do not compete: near in the text, or equal to the truth as multisets."""
    found: list[list[Int64]] = [[] for _ in range(len(queries))]
    truth_hashes = data.candidate_hashes(queries.candidates())
    reach = 2 * settings.pairs.window + 2
    offset = 0
    for part in parts:
        if part.language == data.language:
            bounds = (
                np.searchsorted(part.pairs.query, queries.query - reach),
                np.searchsorted(part.pairs.query, queries.query + reach + 1),
            )
            near = _near(
                queries.query,
                queries.first,
                queries.last,
                part.pairs.query,
                part.pairs.first,
                part.pairs.last,
                *bounds,
            )
            for query, column in near:
                found[query].append(np.array([offset + column]))
        hashes = languages[part.language].candidate_hashes(part.pairs.candidates())
        order = np.argsort(hashes, kind="stable")
        left = np.searchsorted(hashes[order], truth_hashes, "left")
        right = np.searchsorted(hashes[order], truth_hashes, "right")
        for query in np.flatnonzero(right > left):
            found[query].append(offset + order[left[query] : right[query]])
        offset += len(part.pairs)
    empty = np.empty(0, np.int64)
    return lists([np.concatenate(columns) if columns else empty for columns in found])


@njit(cache=True, nogil=True)
def _near(
    query: Int64,
    first: Int64,
    last: Int64,
    other_query: Int64,
    other_first: Int64,
    other_last: Int64,
    low: Int64,
    high: Int64,
) -> Int64:
    """Pairs (query, column) where the candidate contains the query or shares a sentence with its truth."""
    found = np.empty((64, 2), np.int64)
    count = 0
    for q in range(len(query)):
        for c in range(low[q], high[q]):
            contains = other_first[c] <= query[q] < other_last[c] and other_query[c] != query[q]
            overlaps = False
            for sentence in range(max(first[q], other_first[c]), min(last[q], other_last[c])):
                if sentence != query[q] and sentence != other_query[c]:
                    overlaps = True
            if contains or overlaps:
                if count == len(found):
                    longer = np.empty((2 * count, 2), np.int64)
                    longer[:count] = found
                    found = longer
                found[count, 0] = q
                found[count, 1] = c
                count += 1
    return found[:count]
