"""An index as a search engine: a user's queries and judgements, in every mode, by language and in all languages.

Documents are judged, so a document stands where its best passage does. Each query is asked twice: in its own
language alone, and in the whole index, where languages compete. There the share of each language among the first ten is
compared with its share of the passages: no language but the query's own should have more than twice its share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sprachbund.errors import CorpusError, SourceError
from sprachbund.files import write_text
from sprachbund.progress import Progress, Silent, logger
from sprachbund.retrieval.trec import Judgements, read_judgements, score_run
from sprachbund.search.index import MOST, Hit, Index
from sprachbund.search.searching import MODES, Mode

TOP = 10


@dataclass(frozen=True)
class EngineScores:
    """What an index scored.

    Attributes:
        scores: language ("all" for all queries), searched ("own" or "all"), mode, queries, and the measures.
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
    queries: Path,
    qrels: Path,
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
    judgements = read_judgements(queries, qrels)
    known = _languages(index, judgements, qrels)
    asked = [query for query in judgements.queries if query in known]
    if not asked:
        raise SourceError(f"{qrels}: judges no query of {queries} with a document of the index")
    if language:
        index.scope((language,))
        known = dict.fromkeys(asked, language)
    rows, shares = [], []
    for mode in modes:
        runs: dict[str, dict[str, dict[str, float]]] = {"own": {}, "all": {}}
        first: dict[str, list[str]] = {}
        for query in asked:
            for searched, scope in (("own", (known[query],)), ("all", ())):
                hits = index.search(judgements.queries[query], MOST, scope, mode)
                runs[searched][query] = best_documents(hits, judgements.qrels[query])
                if searched == "all":
                    first[query] = [hit.language for hit in hits[:TOP]]
            progress.advance(1 / len(modes))
        for searched, run in runs.items():
            rows += _score(judgements, known, run, searched, mode)
            if trec is not None:
                write_text(trec / f"{searched}.{mode}.run", trec_lines(run, mode))
        shares += _shares(index, first, known, mode)
    if trec is not None:
        lines = (
            f"{_word(query)} 0 {_word(name)} {grade}"
            for query in asked
            for name, grade in judgements.qrels[query].items()
        )
        write_text(trec / "qrels", "\n".join(lines) + "\n")
    return EngineScores(pl.DataFrame(rows), pl.DataFrame(shares))


def best_documents(hits: Sequence[Hit], judged: dict[str, int]) -> dict[str, float]:
    """Documents at the score of their best passage, under the name that the judgements use."""
    found: dict[str, float] = {}
    for hit in hits:
        full = f"{hit.language}:{hit.document}"
        found.setdefault(full if full in judged else hit.document, hit.score)
    return found


def _languages(index: Index, judgements: Judgements, qrels: Path) -> dict[str, str]:
    """The language of each judged query: that of most of its judged documents."""
    homes: dict[str, list[str]] = {}
    for segment in index.segments:
        for record in segment.records.documents():
            if record.number not in segment.deleted:
                for name in (record.id, f"{segment.language}:{record.id}"):
                    homes.setdefault(name, []).append(segment.language)
    found, lacking = {}, 0
    for query, grades in judgements.qrels.items():
        languages = [code for name, grade in grades.items() if grade > 0 for code in homes.get(name, [])]
        lacking += sum(name not in homes for name in grades)
        if languages:
            found[query] = max(sorted(set(languages)), key=languages.count)
    if not found:
        example = next(iter(next(iter(judgements.qrels.values()))))
        one = next(iter(homes), "nothing")
        raise CorpusError(f"{qrels}: names no document of {index.path}; for example {example!r} against {one!r}")
    if lacking:
        logger.warning("%s judged documents are not in the index and count as not found", f"{lacking:,}")
    return found


def _score(
    judgements: Judgements, known: dict[str, str], run: dict[str, dict[str, float]], searched: str, mode: Mode
) -> list[dict[str, object]]:
    languages = sorted({known[query] for query in run})
    groups = {code: [query for query in run if known[query] == code] for code in languages} | {"all": list(run)}
    rows: list[dict[str, object]] = []
    for code, queries in groups.items():
        qrels = {query: judgements.qrels[query] for query in queries}
        scores = score_run(qrels, {query: run[query] for query in queries})
        rows.append({"language": code, "searched": searched, "mode": mode, "queries": len(queries)} | scores)
    return rows


def _shares(index: Index, first: dict[str, list[str]], known: dict[str, str], mode: Mode) -> list[dict[str, object]]:
    total = sum(count["passages"] for count in index.counts.values())
    rows: list[dict[str, object]] = []
    for asked in sorted({known[query] for query in first}):
        top = [code for query in first if known[query] == asked for code in first[query]]
        for found in index.languages:
            due = index.counts[found]["passages"] / total
            share = top.count(found) / max(1, len(top))
            row = {"mode": mode, "asked": asked, "found": found, "share": share, "of_passages": due}
            rows.append(row | {"ratio": share / due if due else 0.0})
    return rows


def trec_lines(run: dict[str, dict[str, float]], name: str) -> str:
    """Lines of a TREC run, by score and then by name as the tools order equals."""
    lines = []
    for query, scores in run.items():
        for rank, (document, score) in enumerate(sorted(scores.items(), key=lambda item: -item[1]), 1):
            lines.append(f"{_word(query)} Q0 {_word(document)} {rank} {score:.9g} {name}")
    return "\n".join(lines) + "\n"


def _word(text: str) -> str:
    """A field without blanks, at which TREC's formats part."""
    return "_".join(text.split())
