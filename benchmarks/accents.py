"""Are words found that are typed without their accents? Real text in fourteen languages, on dev or on test.

    python benchmarks/accents.py [--work FOLDER] [--side test|dev] [--plain WEIGHT]

Text: running text of ``wikipedia``, ``eltec``, ``other_text``, ``ud_text`` and ``ud`` in the folder of
``SPRACHBUND_DATA`` (or ../shared/data), 20,000 characters of a document and a million of a source at most; half of the
documents are dev, half test, by a hash of their ids. In the order of a hash of the words 100 words of three letters or
more with an accent are taken that find a passage which has them first, in an index that folds nothing. Each is then
typed without (marks of the canonical decomposition gone, and đ ł ø ı æ œ ß as they are typed; a rule of its own, not
the project's) and must find that very passage first again: before, in the index that folds nothing, and after. Also:
whether with its accents it still finds that passage first, and what the further postings cost. The encoder knows equal
words alone: 128 random numbers a word. Writes benchmarks/results/accents.{md,json} for test.
"""

import argparse
import gzip
import hashlib
import json
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sprachbund import Corpus, Encoder, Index
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.segment import words
from sprachbund.retrieval.settings import BEST, change
from sprachbund.retrieval.train import train
from sprachbund.search.building import IndexSettings, add, create
from sprachbund.search.fusion import default_fusion
from sprachbund.search.passages import Document, documents_of

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = ROOT / "benchmarks" / "results"
SOURCES = (
    "ud_text/pt.*", "bible/pt.*", "ud_text/es.*", "eltec/es.*", "wikipedia/ar.*", "ud_text/cs.*", "eltec/cs.*",
    "wikipedia/de.*", "wikipedia/el.*", "wikipedia/fr.*", "eltec/fr.*", "wikipedia/he.*", "eltec/pl.*", "ud_text/ru.*",
    "other_text/ru.*", "ud_text/sv.*", "eltec/sv.*", "wikipedia/tr.*", "wikipedia/vi.*",
)  # fmt: skip
LANGUAGES = ("gl", "pt", "es", "ar", "cs", "de", "el", "fr", "he", "pl", "ru", "sv", "tr", "vi")
CHARACTERS, OF_A_DOCUMENT, WORDS, LEAST_LETTERS = 1_000_000, 20_000, 100, 3
TYPED = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})


def typed(word: str) -> str:
    """A word as it is typed by who has no accents."""
    kept = (c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c) != "Mn" or c == "\u0306")
    return unicodedata.normalize("NFC", "".join(kept)).translate(TYPED).replace("\u0306", "")


def galician() -> Iterator[dict]:
    """The documents of a treebank; of one that has none so many sentences are one."""
    texts: list[str] = []
    with gzip.open(DATA / "ud" / "gl.Galician-TreeGal.test.conllu.gz", "rt", encoding="utf-8") as lines:
        texts = [line[len("# text = ") :].strip() for line in lines if line.startswith("# text = ")]
    for number in range(0, len(texts), 20):
        text = " ".join(texts[number : number + 20])
        yield {"id": str(number), "lang": "gl", "title": "", "sections": [{"title": "", "paragraphs": [text]}]}


def shortened(pattern: str) -> Iterator[dict]:
    """The first paragraphs of each document, for a language no more than its share."""
    left = CHARACTERS
    for path in sorted(DATA.glob(pattern)):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                if left <= 0:
                    return
                document = json.loads(line)
                room = OF_A_DOCUMENT
                for section in document["sections"]:
                    kept = []
                    for paragraph in section.get("paragraphs") or [" ".join(p) for p in section.pop("sentences")]:
                        if room > 0:
                            kept.append(paragraph)
                            room -= len(paragraph)
                    section["paragraphs"] = kept
                left -= OF_A_DOCUMENT - room
                yield document


def prepare(work: Path) -> tuple[Corpus, Path]:
    """The corpus and an encoder of it, made once."""
    if not (work / "corpus").exists():
        work.mkdir(parents=True, exist_ok=True)
        with (work / "text.jsonl").open("w", encoding="utf-8") as file:
            for documents in (galician(), *map(shortened, SOURCES)):
                file.writelines(json.dumps(document) + "\n" for document in documents)
        ingest([work / "text.jsonl"], work / "corpus")
    corpus = Corpus.open(work / "corpus")
    if not (work / "model").exists():
        nothing = change(BEST, dim=128, epochs=0.0, shares=(1.0, 0.0, 0.0))
        train(corpus, work / "model", languages=list(LANGUAGES), settings=nothing)
    return corpus, work / "model"


def documents_on(corpus: Corpus, language: str, side: str) -> list[Document]:
    """The documents of a side."""
    halves = {"dev": 0, "test": 1}
    return [
        document
        for document in documents_of(corpus, language)
        if hashlib.sha256(document.id.encode()).digest()[0] % 2 == halves[side]
    ]


def first(index: Index, query: str, language: str, mode: str) -> str:
    """The key of the passage that stands first."""
    hits = index.search(query, 1, (language,), mode, operators=False, correct=False)
    return hits[0].key if hits else ""


def measure(exact: Index, folded: Index, language: str, given: list[Document]) -> dict:
    """How many of the words find their passage first."""
    every = {word for document in given for text in document.texts for word in words(text, language)}
    every_word = frozenset(every)
    every = {word for word in every if len(word) >= LEAST_LETTERS and typed(word) != word and typed(word)}
    asked, hits = 0, {"before": 0, "after": 0, "after, words alone": 0, "with accents": 0}
    hits |= {"unambiguous": 0, "after, unambiguous": 0}
    missed = []
    for word in sorted(every, key=lambda word: hashlib.sha256(word.encode()).digest()):
        found = exact.search(word, 1, (language,), operators=False, correct=False)
        if not found or word not in words(f"{found[0].title}\n{found[0].text}", language):
            continue
        asked += 1
        alone = typed(word) not in every_word
        hits["unambiguous"] += alone
        target = found[0].key
        hits["before"] += first(exact, typed(word), language, "hybrid") == target
        hits["with accents"] += first(folded, word, language, "hybrid") == target
        hits["after, words alone"] += first(folded, typed(word), language, "bm25") == target
        right = first(folded, typed(word), language, "hybrid") == target
        hits["after"] += right
        hits["after, unambiguous"] += right and alone
        if not right:
            missed.append(f"{word} {typed(word)}")
        if asked == WORDS:
            break
    sizes = [
        sum(len(s.collection.postings.passages) for s in index.segments if s.language == language)
        for index in (exact, folded)
    ]
    stored = [
        sum(sum(s.manifest["bytes"].values()) for s in index.segments if s.language == language)
        for index in (exact, folded)
    ]
    return {
        "language": language, "words": asked, **hits, "passages": exact.counts[language]["passages"],
        "postings": sizes[1] / sizes[0] - 1, "bytes": stored[1] / stored[0] - 1, "missed": missed,
    }  # fmt: skip


def main() -> None:
    """Run and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("accents"))
    parser.add_argument("--side", choices=("test", "dev"), default="test")
    parser.add_argument("--plain", type=float)
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    options = parser.parse_args()
    corpus, model = prepare(options.work)
    languages = options.languages.split(",")
    given = {code: documents_on(corpus, code, options.side) for code in languages}
    start = default_fusion(Encoder.load(model))
    indexes = []
    for name, folds in (("exact", ()), ("folded", ("marks",))):
        path = options.work / f"{name}-{options.side}-{len(languages)}"
        if not path.exists():
            create(path, model, IndexSettings(map_points=0, folds=folds), start)
            add(path, given)
        indexes.append(Index.open(path))
    exact, folded = indexes
    if options.plain is not None:
        folded = replace(folded, fusion=replace(folded.fusion, plain=options.plain))
    rows = []
    for code in languages:
        rows.append(measure(exact, folded, code, given[code]))
        print(json.dumps({k: v for k, v in rows[-1].items() if k != "missed"}, ensure_ascii=False), flush=True)
        print("   ", "; ".join(rows[-1]["missed"][:12]), flush=True)
    if options.side == "test" and options.plain is None and len(languages) == len(LANGUAGES):
        write(rows, folded.fusion.plain)


def write(rows: list[dict], plain: float) -> None:
    """The table for people and the rows for machines."""
    lines = [
        "# Words typed without their accents",
        "",
        "Of words that find a passage first, how many find it first again when they are typed without accents: in an "
        "index that folds nothing (*before*) and in one that folds marks (*after*; *words*: mode bm25), and whether "
        "the word with its accents still does. *Told*: of the words whose typed form is no word of the text itself "
        "(which stands first where it is). Test documents; 100 words of a language where the text has so many. "
        f"Weight of the plain form {plain}. *Postings* and *bytes*: what folding adds to the segment. Rerun: "
        "`python benchmarks/accents.py`.",
        "",
        "| language | passages | words | before | after | told | after, words | with accents | postings | bytes |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        lines.append(
            f"| {row['language']} | {row['passages']:,} | {row['words']} | {row['before']} | {row['after']} | "
            f"{row['after, unambiguous']} of {row['unambiguous']} | "
            f"{row['after, words alone']} | {row['with accents']} | {row['postings']:+.0%} | {row['bytes']:+.0%} |"
        )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "accents.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (RESULTS / "accents.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
