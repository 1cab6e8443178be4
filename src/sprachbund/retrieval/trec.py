"""TREC runs and qrels: our ranks as files that every evaluation tool reads, and a user's own judgements scored.

A run lists, query by query, the candidates in the order of their scores; what the pool leaves out for a query is not
listed, and among equal scores the truth stands last, as it counts in our ranks. So ir-measures gives the same
numbers, up to the depth of the run.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from sprachbund.errors import MissingExtraError, SourceError
from sprachbund.files import write_text
from sprachbund.retrieval.encoded import EncodedCorpus
from sprachbund.retrieval.evaluation import query_keys
from sprachbund.retrieval.pools import Pool
from sprachbund.retrieval.ranking import TOLERANCE, Scorer

DEPTH = 1_000
_BLANK = re.compile(r"\s")
MEASURES = ("nDCG@10", "RR", "Success@1", "Success@10", "Success@20", "R@100")


def column_names(encoded: EncodedCorpus, pool: Pool) -> list[str]:
    """The name of each column: that of its query sentence, whose context or successor it is."""
    names = []
    for part in pool.parts:
        data = encoded.language(part.language)
        rows = part.pairs.query
        documents = [data.names[number] for number in data.documents[rows]]
        names += query_keys(data.language, documents, data.positions[rows])
    return names


def write_trec(
    folder: Path,
    encoded: EncodedCorpus,
    pool: Pool,
    parts: Sequence[Scorer],
    weights: Sequence[float],
    arm: str,
    depth: int = DEPTH,
) -> tuple[Path, Path]:
    """Write ``LANG.TASK.POOL.ARM.run`` and ``LANG.TASK.POOL.qrels``; returns their paths.

    Names with blanks are written with underscores, for TREC's format parts fields at blanks.
    """
    names = [_BLANK.sub("_", name) for name in column_names(encoded, pool)]
    data = encoded.language(pool.language)
    documents = [data.names[number] for number in data.documents[pool.queries.query]]
    queries = query_keys(pool.language, documents, data.positions[pool.queries.query])
    queries = [_BLANK.sub("_", query) for query in queries]
    stem = f"{pool.language}.{pool.task}.{pool.name}"
    run, qrels = folder / f"{stem}.{arm}.run", folder / f"{stem}.qrels"
    lines = []
    for query, order in _orders(pool, parts, weights, depth):
        for place, column in enumerate(order):
            lines.append(f"{queries[query]} Q0 {names[column]} {place + 1} {len(order) - place} {arm}")
    write_text(run, "\n".join(lines) + "\n")
    truths = (f"{q} 0 {names[column]} 1" for q, column in zip(queries, pool.truth.tolist(), strict=True))
    write_text(qrels, "\n".join(truths) + "\n")
    return run, qrels


def _orders(
    pool: Pool, parts: Sequence[Scorer], weights: Sequence[float], depth: int
) -> Iterator[tuple[int, np.ndarray[tuple[int], np.dtype[np.int64]]]]:
    for query in range(len(pool.queries)):
        total = sum(part.scores(query, query + 1)[0] * np.float32(w) for part, w in zip(parts, weights, strict=True))
        scores = np.array(total, np.float64)
        truth = int(pool.truth[query])
        own = scores[truth]
        competing = np.zeros(len(scores), bool)
        competing[: pool.ranked] = True
        competing[pool.excluded[query]] = False
        competing[truth] = True
        # the truth goes behind all that is within the tolerance, as in `ranking.rank`
        scores[truth] = own - TOLERANCE * max(1.0, abs(own))
        scores[~competing] = -np.inf
        order = np.lexsort((np.arange(len(scores)) == truth, -scores))
        yield query, order[: min(depth, int(competing.sum()))]


@dataclass(frozen=True)
class Judgements:
    """A user's own queries: texts by id, and the grades of documents for each query."""

    queries: dict[str, str]
    qrels: dict[str, dict[str, int]]


def read_judgements(queries: Path, qrels: Path) -> Judgements:
    """Read queries (BEIR's JSON Lines with _id and text, or ``id<TAB>text``) and qrels (TREC's or BEIR's TSV).

    Raises:
        SourceError: names the file, the line and what was expected.
    """
    return Judgements(read_queries(queries), _read_qrels(qrels))


def _lines(path: Path) -> list[str]:
    try:
        # not splitlines: a text may hold U+2028 or U+0085
        return path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise SourceError(f"{path}: not UTF-8 text") from None


def read_queries(path: Path) -> dict[str, str]:
    """Queries by id: BEIR's JSON Lines with _id and text, or ``id<TAB>text``.

    Raises:
        SourceError: names the file, the line and what was expected.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        if line.lstrip().startswith("{"):
            try:
                record = orjson.loads(line)
                identifier, text = record["_id"], record["text"]
            except (orjson.JSONDecodeError, KeyError):
                identifier = text = None
            if not isinstance(identifier, (str, int)) or not isinstance(text, str):
                raise SourceError(f"{path}:{number}: expected JSON with _id and text, found {line[:60]!r}")
            found[str(identifier)] = text
        else:
            identifier, tab, text = line.partition("\t")
            if not tab:
                raise SourceError(
                    f"{path}:{number}: expected id<TAB>text or JSON with _id and text, found {line[:60]!r}"
                )
            found[identifier] = text.rstrip("\r")
    if not found:
        raise SourceError(f"{path}: has no query")
    return found


def _read_qrels(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_lines(path), 1):
        line = line.rstrip("\r")
        fields = line.split("\t") if "\t" in line else line.split()
        if not line.strip() or (number == 1 and fields[-1] == "score"):
            continue
        try:
            if len(fields) == 4:
                query, _, document, grade = fields
            else:
                query, document, grade = fields
            found.setdefault(query, {})[document] = int(float(grade))
        except (ValueError, OverflowError):
            raise SourceError(
                f"{path}:{number}: expected 'query 0 document grade' (TREC) or 'query<TAB>document<TAB>grade' (BEIR), "
                f"found {line[:60]!r}"
            ) from None
    if not found:
        raise SourceError(f"{path}: has no judgement")
    return found


def score_run(qrels: dict[str, dict[str, int]], run: dict[str, dict[str, float]]) -> dict[str, float]:
    """nDCG@10, RR, Success@1/10/20 and R@100 by ir-measures.

    Raises:
        MissingExtraError: ir-measures is not installed.
    """
    try:
        import ir_measures
    except ImportError:
        raise MissingExtraError("own judgements need ir-measures: pip install 'sprachbund[trec]'") from None
    measures = [ir_measures.parse_measure(name) for name in MEASURES]
    scores = ir_measures.calc_aggregate(measures, qrels, run)
    named = {str(measure): float(value) for measure, value in scores.items()}
    return {name: named[name] for name in MEASURES}
