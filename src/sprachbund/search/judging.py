"""An index as a search engine: a user's queries and judgements, in every mode, by language and in all languages.

Documents are judged, so a document stands where its best passage does. Every judged query counts, as in ir-measures
and in trec_eval -c: one whose documents the index lacks finds nothing. Each query is asked twice: in its own language
alone, and in the whole index, where languages compete. There the share of each language among the first ten is compared
with its share of the passages: no language but the query's own should have more than twice its share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sprachbund.errors import CorpusError
from sprachbund.files import require_place, write_text
from sprachbund.progress import Progress, Silent
from sprachbund.retrieval.ranking.trec import (
    Fields,
    Judgements,
    Qrels,
    Queries,
    asked,
    named,
    qrels_lines,
    read_judgements,
    require_measures,
    say_lacking,
    score_run,
    settle,
    trec_lines,
)
from sprachbund.search.asking import MOST
from sprachbund.search.hits import Hit
from sprachbund.search.index import Index
from sprachbund.search.searching import MODES, Mode

TOP = 10
UNKNOWN = "unknown"
"""The language of a query of which the index has no judged document: it is asked in all languages."""


SHARES = {
    "mode": pl.String,
    "asked": pl.String,
    "found": pl.String,
    "share": pl.Float64,
    "of_passages": pl.Float64,
    "ratio": pl.Float64,
}


@dataclass(frozen=True)
class EngineScores:
    """What an index scored.

    Attributes:
        scores: language ("all" for all queries, "unknown" where no judged document tells it), searched ("own" or
            "all"), mode, queries, and the measures.
        shares: mode, asked (language of the query), found (language), share of the first ten, share of the passages,
            ratio of the two.
    """

    scores: pl.DataFrame
    shares: pl.DataFrame

    def favoured(self) -> pl.DataFrame:
        """The shares of languages, other than the query's own, that have more than twice what is due to them."""
        return self.shares.filter((pl.col("asked") != pl.col("found")) & (pl.col("ratio") > 2))


def evaluate_index(
    index: Index | Path | str,
    queries: Queries,
    qrels: Qrels,
    *,
    language: str = "",
    modes: Sequence[Mode] = MODES,
    trec: Path | None = None,
    progress: Progress | None = None,
) -> EngineScores:
    """Score an index on judged queries.

    Args:
        queries, qrels: see `trec.read_judgements`; the qrels name documents by id, or by ``language:id`` where two
            languages have an id in common.
        language: of all queries; "" for that of the documents that a query's judgements name.
        trec: a folder for runs and qrels.

    Raises:
        CorpusError: the qrels name no document of the index. SourceError: a file cannot be read, or no query is judged.
    """
    index = index if isinstance(index, Index) else Index.open(index)
    progress = progress or Silent()
    if trec is not None:
        require_place(trec, folder=True)
    if language:
        (language,) = index.scope((language,))
    judgements = read_judgements(queries, qrels)
    require_measures()
    homes = _homes(index)
    judgements = settle(judgements, homes.keys())
    _same_index(index, judgements, qrels, homes)
    chosen = asked(judgements, queries, qrels)
    known = {query: language or _language(index, judgements.qrels[query], homes) for query in chosen}
    say_lacking(
        "judged queries name no document of the index and count as not found",
        sum(not any(name in homes for name in judgements.qrels[query]) for query in chosen),
    )
    document, asking = Fields(homes.keys()), Fields(judgements.queries.keys())
    truth = {asking(q): {document(name): grade for name, grade in judgements.qrels[q].items()} for q in chosen}
    known = {asking(query): code for query, code in known.items()}
    rows, shares = [], []
    for mode in modes:
        runs: dict[str, dict[str, dict[str, float]]] = {"own": {}, "all": {}}
        first: dict[str, list[str]] = {}
        for query in chosen:
            name = asking(query)
            for searched, scope in (("own", () if known[name] == UNKNOWN else (known[name],)), ("all", ())):
                hits = index.search(judgements.queries[query], MOST, scope, mode, operators=False)
                found = best_documents(hits, judgements.qrels[query])
                runs[searched][name] = {document(one): score for one, score in found.items()}
                if searched == "all":
                    first[name] = [hit.language for hit in hits[:TOP]]
            progress.advance(1 / len(modes))
        for searched, run in runs.items():
            rows += _score(truth, known, run, searched, mode)
            if trec is not None:
                write_text(trec / f"{searched}.{mode}.run", trec_lines(run, mode))
        shares += _shares(index, first, known, mode)
    if trec is not None:
        write_text(trec / "qrels", qrels_lines(truth))
    return EngineScores(pl.DataFrame(rows), pl.DataFrame(shares, SHARES))


def best_documents(hits: Sequence[Hit], judged: dict[str, int]) -> dict[str, float]:
    """Documents at the score of their best passage, under the name that the judgements use."""
    found: dict[str, float] = {}
    for hit in hits:
        full = f"{hit.language}:{hit.document}"
        found.setdefault(full if full in judged else hit.document, hit.score)
    return found


def _homes(index: Index) -> dict[str, list[str]]:
    """The languages of every name that a judgement may use for a document of the index."""
    homes: dict[str, list[str]] = {}
    for segment in index.segments:
        for record in segment.records.documents():
            if record.number not in segment.deleted:
                for name in (record.id, f"{segment.language}:{record.id}"):
                    homes.setdefault(name, []).append(segment.language)
    return homes


def _same_index(index: Index, judgements: Judgements, qrels: Qrels, homes: dict[str, list[str]]) -> None:
    judged = [name for grades in judgements.qrels.values() for name in grades]
    if not any(name in homes for name in judged):
        one = next(iter(homes), "nothing")
        raise CorpusError(
            f"{named(qrels, 'qrels')}: names no document of {index.path}; for example {judged[0]!r} against {one!r}"
        )
    say_lacking(
        "judged documents are not in the index and count as not found", sum(name not in homes for name in judged)
    )


def _language(index: Index, grades: dict[str, int], homes: dict[str, list[str]]) -> str:
    """The language of most of a query's relevant documents, or of all that are judged; that of the whole index."""
    relevant = [code for name, grade in grades.items() if grade > 0 for code in homes.get(name, [])]
    languages = relevant or [code for name in grades for code in homes.get(name, [])] or list(index.languages)
    if not relevant and len(set(languages)) > 1 and not any(name in homes for name in grades):
        return UNKNOWN
    return max(sorted(set(languages)), key=languages.count)


def _score(
    truth: dict[str, dict[str, int]],
    known: dict[str, str],
    run: dict[str, dict[str, float]],
    searched: str,
    mode: Mode,
) -> list[dict[str, object]]:
    languages = sorted({known[query] for query in run})
    groups = {code: [query for query in run if known[query] == code] for code in languages} | {"all": list(run)}
    rows: list[dict[str, object]] = []
    for code, queries in groups.items():
        scores = score_run({query: truth[query] for query in queries}, {query: run[query] for query in queries})
        rows.append({"language": code, "searched": searched, "mode": mode, "queries": len(queries)} | scores)
    return rows


def _shares(index: Index, first: dict[str, list[str]], known: dict[str, str], mode: Mode) -> list[dict[str, object]]:
    total = sum(count["passages"] for count in index.counts.values())
    rows: list[dict[str, object]] = []
    for own in sorted({known[query] for query in first} - {UNKNOWN}):
        top = [code for query in first if known[query] == own for code in first[query]]
        for found in index.languages:
            due = index.counts[found]["passages"] / total
            share = top.count(found) / max(1, len(top))
            row = {"mode": mode, "asked": own, "found": found, "share": share, "of_passages": due}
            rows.append(row | {"ratio": share / due if due else 0.0})
    return rows
