"""TREC runs and qrels: our ranks as files that every evaluation tool reads, and a user's own judgements scored.

A run lists, query by query, the candidates in the order of their scores; what the pool leaves out for a query is not
listed, and among equal scores the truth stands last, as it counts in our ranks. So ir-measures gives the same
numbers, up to the depth of the run.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from sprachbund.corpus.sources.textfile import read_text
from sprachbund.errors import MissingExtraError, SettingsError, SourceError
from sprachbund.files import write_text
from sprachbund.normal_forms import normal_form
from sprachbund.progress import logger
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.ranking.judging import query_keys
from sprachbund.retrieval.ranking.pools import Pool
from sprachbund.retrieval.ranking.ranks import TOLERANCE, Scorer

DEPTH = 1_000
MOST_GRADE = 10_000
"""Of a judgement: trec_eval keeps a place in memory for every grade up to the highest, and dies of 2^31 of them."""
_HEADINGS = ("query-id", "query_id", "queryid", "qid", "query")
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
    names = _as_fields(column_names(encoded, pool))
    data = encoded.language(pool.language)
    documents = [data.names[number] for number in data.documents[pool.queries.query]]
    queries = _as_fields(query_keys(pool.language, documents, data.positions[pool.queries.query]))
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
        # the truth goes behind all that is within the tolerance, as in `ranks.rank`
        scores[truth] = own - TOLERANCE * max(1.0, abs(own))
        scores[~competing] = -np.inf
        order = np.lexsort((np.arange(len(scores)) == truth, -scores))
        yield query, order[: min(depth, int(competing.sum()))]


@dataclass(frozen=True)
class Judgements:
    """A user's own queries: texts by id, and the grades of documents for each query."""

    queries: dict[str, str]
    qrels: dict[str, dict[str, int]]


Queries = Path | str | Mapping[str, str]
"""A file of queries, or texts by id."""
Qrels = Path | str | Mapping[str, Mapping[str, int]]
"""A file of judgements, or for each query the grade of each document."""


def read_judgements(queries: Queries, qrels: Qrels) -> Judgements:
    """Queries (BEIR's JSON Lines with _id and text, or ``id<TAB>text``) and qrels (TREC's or BEIR's TSV), or both as
    mappings.

    Raises:
        SourceError: names the file, the line and what was expected. SettingsError: a mapping is of other things.
    """
    texts = _given_queries(queries) if isinstance(queries, Mapping) else read_queries(Path(queries))
    return Judgements(texts, _given_qrels(qrels) if isinstance(qrels, Mapping) else _read_qrels(Path(qrels)))


def _given_queries(queries: Mapping[str, str]) -> dict[str, str]:
    for name, text in queries.items():
        if not isinstance(text, str):
            raise SettingsError(f"queries: expected texts by id, found {type(text).__name__} for {name!r}")
    if not queries:
        raise SettingsError("queries: expected texts by id, found none")
    return {str(name): text for name, text in queries.items()}


def _given_qrels(qrels: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    for name, grades in qrels.items():
        whole = isinstance(grades, Mapping) and all(isinstance(grade, int) for grade in grades.values())
        if not whole or any(abs(grade) > MOST_GRADE for grade in grades.values()):
            raise SettingsError(
                f"qrels: expected {{query: {{document: grade}}}}, a grade being a whole number up to {MOST_GRADE:,}, "
                f"found {str(grades)[:60]!r} for {name!r}"
            )
    if not any(qrels.values()):
        raise SettingsError("qrels: expected {query: {document: grade}}, found none")
    return {str(name): {str(one): int(grade) for one, grade in grades.items()} for name, grades in qrels.items()}


def named(given: Queries | Qrels, what: str) -> str:
    """How a message calls queries or qrels: by their file, or by ``what`` they are."""
    return what if isinstance(given, Mapping) else str(given)


def _lines(path: Path) -> list[str]:
    text, broken = read_text(path)
    if broken:
        raise SourceError(f"{path}: not UTF-8 text")
    # not splitlines: a text may hold U+2028 or U+0085
    return text.split("\n")


def read_queries(path: Path) -> dict[str, str]:
    """Queries by id: BEIR's JSON Lines with _id and text, or ``id<TAB>text``.

    Raises:
        SourceError: names the file, the line and what was expected; two queries of one id are an error too.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        identifier, text = _query(path, number, line)
        if found.setdefault(identifier, text) != text:
            raise SourceError(f"{path}:{number}: the query {identifier!r} stands here a second time, with another text")
    if not found:
        raise SourceError(f"{path}: has no query")
    return found


def _query(path: Path, number: int, line: str) -> tuple[str, str]:
    if not line.lstrip().startswith("{"):
        identifier, tab, text = line.partition("\t")
        if not tab:
            raise SourceError(f"{path}:{number}: expected id<TAB>text or JSON with _id and text, found {line[:60]!r}")
        return identifier.strip(), text.rstrip("\r")
    try:
        record = orjson.loads(line)
        name, text = record["_id"], record["text"]
    except (orjson.JSONDecodeError, KeyError):
        name, text = None, ""
    if not isinstance(name, (str, int)) or isinstance(name, bool) or not isinstance(text, str):
        raise SourceError(f"{path}:{number}: expected JSON with _id and text, found {line[:60]!r}")
    return str(name).strip(), text


def _read_qrels(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    begun, again = False, 0
    for number, line in enumerate(_lines(path), 1):
        fields = line.split("\t") if len(line.split("\t")) in (3, 4) else line.split()
        fields = [field.strip() for field in fields]
        if not line.strip():
            continue
        heading = not begun and fields[0].lower() in _HEADINGS and not _is_number(fields[-1])
        begun = True
        if heading:
            continue
        try:
            query, document, grade = fields[0], fields[-2], float(fields[-1])
            if len(fields) not in (3, 4) or grade != int(grade) or abs(grade) > MOST_GRADE:
                raise ValueError
        except (ValueError, OverflowError, IndexError):
            raise SourceError(
                f"{path}:{number}: expected 'query 0 document grade' (TREC) or 'query<TAB>document<TAB>grade' (BEIR), "
                f"a grade being a whole number up to {MOST_GRADE:,}, found {line[:60]!r}"
            ) from None
        grades = found.setdefault(query, {})
        again += grades.get(document, grade) != grade
        grades[document] = int(grade)
    if not found:
        raise SourceError(f"{path}: has no judgement")
    if again:
        logger.warning("%s: %s documents are judged twice with different grades; the last counts", path, f"{again:,}")
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def asked(judgements: Judgements, queries: Queries, qrels: Qrels) -> list[str]:
    """The queries to ask: those that have a text and a judgement, in the order of the file; warnings count the others.

    Raises:
        SourceError: there are none; with an example of each file.
    """
    found = [query for query in judgements.queries if query in judgements.qrels]
    if not found:
        raise SourceError(
            f"{named(qrels, 'qrels')}: judges no query of {named(queries, 'queries')}; for example "
            f"{next(iter(judgements.qrels))!r} against {next(iter(judgements.queries))!r}"
        )
    say_lacking("judged queries have no text and are left out", len(judgements.qrels) - len(found))
    say_lacking("queries have no judgement and are left out", len(judgements.queries) - len(found))
    return found


def say_lacking(what: str, count: int) -> None:
    """A warning, where there is something to count."""
    if count:
        logger.warning("%s %s", f"{count:,}", what)


def settle(judgements: Judgements, names: Collection[str]) -> Judgements:
    """The judgements with the names that documents have; ``names`` are theirs, those that nothing has stay as they are.

    An id that was typed or stored in another of Unicode's forms (é as one character or as two) is the same id, and so
    is one with underscores for blanks, as `Fields` writes it.
    """
    judged = {document for grades in judgements.qrels.values() for document in grades}
    lacking = {document for document in judged if document not in names}
    if not lacking:
        return judgements
    forms: dict[str, str] = {}
    for name in names:
        if (form := _plain(name)) != name:
            forms.setdefault(form, name)
    qrels: dict[str, dict[str, int]] = {}
    for query, grades in judgements.qrels.items():
        own = qrels.setdefault(query, {})
        for document, grade in grades.items():
            form = _plain(document) if document in lacking else document
            own[document if document not in lacking else form if form in names else forms.get(form, document)] = grade
    return Judgements(judgements.queries, qrels)


def _plain(name: str) -> str:
    """A name in NFC and as a field."""
    field = "_".join(name.split())
    return normal_form("NFC", field)


class Fields:
    """Names as single fields of TREC's formats, which part at blanks: underscores in their place, no two names alike.

    A name without blanks stays as it is.

    Args:
        names: all that there may be; what another has already gets one more underscore.
    """

    def __init__(self, names: Collection[str]) -> None:
        self.names = names
        self.made: dict[str, str] = {}
        self.taken: set[str] = set()

    def __call__(self, name: str) -> str:
        """The field of a name, the same whenever it is asked for."""
        words = name.split()
        if words == [name]:
            return name
        if name not in self.made:
            field = "_".join(words) or "_"
            while field in self.names or field in self.taken:
                field += "_"
            self.made[name] = field
            self.taken.add(field)
        return self.made[name]


def _as_fields(names: Sequence[str]) -> list[str]:
    field = Fields(set(names))
    return [field(name) for name in names]


def trec_lines(run: Mapping[str, Mapping[str, float]], name: str) -> str:
    """Lines of a TREC run, by score; equals stay in their order.

    Nine digits hold a float32, as which trec_eval has scores.
    """
    queries, documents = Fields(run), Fields({document for scores in run.values() for document in scores})
    lines = []
    for query, scores in run.items():
        for rank, (document, score) in enumerate(sorted(scores.items(), key=lambda item: -item[1]), 1):
            lines.append(f"{queries(query)} Q0 {documents(document)} {rank} {score:.9g} {name}\n")
    return "".join(lines)


def qrels_lines(qrels: Mapping[str, Mapping[str, int]]) -> str:
    """Lines of TREC's qrels; the names are fields already."""
    return "".join(f"{query} 0 {name} {grade}\n" for query, grades in qrels.items() for name, grade in grades.items())


def require_measures() -> None:
    """See that own judgements can be scored, before any work.

    Raises:
        MissingExtraError: ir-measures is not installed.
    """
    try:
        import ir_measures  # noqa: F401
    except ImportError:
        raise MissingExtraError("own judgements need ir-measures: pip install 'sprachbund[trec]'") from None


def _measures() -> list[Any]:
    import ir_measures

    return [ir_measures.parse_measure(name) for name in MEASURES]


def score_queries(qrels: dict[str, dict[str, int]], run: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """What `score_run` is the mean of: for each query each measure's value, the queries in the order of ``qrels``."""
    require_measures()
    import ir_measures

    found: dict[str, dict[str, float]] = {query: dict.fromkeys(MEASURES, 0.0) for query in qrels}
    for one in ir_measures.iter_calc(_measures(), qrels, run):
        found[one.query_id][str(one.measure)] = float(one.value)
    return found


def score_run(qrels: dict[str, dict[str, int]], run: dict[str, dict[str, float]]) -> dict[str, float]:
    """nDCG@10, RR, Success@1/10/20 and R@100 by ir-measures.

    Raises:
        MissingExtraError: ir-measures is not installed.
    """
    require_measures()
    import ir_measures

    measures = _measures()
    scores = ir_measures.calc_aggregate(measures, qrels, run)
    named = {str(measure): float(value) for measure, value in scores.items()}
    return {name: named[name] for name in MEASURES}
