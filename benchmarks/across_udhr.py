"""Does an article of the Declaration of Human Rights find itself in a language that spells alike?

    python benchmarks/across_udhr.py [--work FOLDER]

The index of ``benchmarks/across.py`` (its folder --work: 1,000 Bible verses a language, by which cognates are learned)
gets the thirty articles of ``udhr`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), a document an article,
in all languages. An article, and its first four words, must find the same article in the other language among all its
passages, by BM25 without neighbours and with them. Nothing was chosen on this text. Writes
benchmarks/results/across-udhr.md.
"""

import argparse
import json
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from across import HALVES, PAIRS, RESULTS, reciprocal
from sprachbund import Index
from sprachbund.corpus.ingest import ingest
from sprachbund.search.building import add_corpus

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
FILES = {
    "pt": "por_PT", "es": "spa", "fr": "fra", "uk": "ukr", "ru": "rus", "cs": "ces", "pl": "pol", "nb": "nob",
    "sv": "swe", "da": "dan", "nl": "nld", "de": "deu", "en": "eng", "hu": "hun",
}  # fmt: skip
HEADING = 25
"""Characters of a line that may be a heading."""


def every_article(code: str) -> list[list[str]]:
    """The lines of each article: a heading is a short line with a digit, or one that begins as these do."""
    with zipfile.ZipFile(DATA / "udhr" / "udhr2.zip") as archive:
        text = archive.read(f"udhr2/{FILES[code]}.txt").decode("utf-8")
    found: list[list[str]] = []
    every = [line.strip() for line in text.split("\n") if line.strip()]
    begin = {line.split()[0] for line in every if len(line) < HEADING and any(map(str.isdigit, line))}
    for line in every:
        if len(line) < HEADING and (any(map(str.isdigit, line)) or line.split()[0] in begin):
            found.append([])
        elif found:
            found[-1].append(line)
    return found


def articles(code: str) -> dict[str, str]:
    """The articles by their numbers."""
    found = every_article(code)
    assert len(found) == 30, f"{code}: {len(found)} articles"
    return {f"article-{number}": " ".join(lines) for number, lines in enumerate(found, 1)}


def main() -> None:
    """Run and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("across"))
    work = parser.parse_args().work
    texts = {code: articles(code) for half in HALVES for code in half}
    rows = [
        {"id": name, "lang": code, "title": "", "sections": [{"title": "", "paragraphs": [text]}]}
        for code, own in texts.items()
        for name, text in own.items()
    ]
    (work / "udhr.jsonl").write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
    )
    for name in ("udhr", "udhr-index"):
        shutil.rmtree(work / name, ignore_errors=True)
    ingest([work / "udhr.jsonl"], work / "udhr")
    shutil.copytree(work / "index", work / "udhr-index")
    add_corpus(work / "udhr-index", work / "udhr")
    index = Index.open(work / "udhr-index")
    bare = replace(index, kin={})
    lines = [
        "# Articles of the Declaration of Human Rights across neighbours",
        "",
        "Thirty articles a language and 1,000 Bible verses; an article must find itself in the other",
        "language (MRR x 100, mode bm25). Nothing was chosen on this text. Rerun: `python benchmarks/across_udhr.py`",
        "after `benchmarks/across.py`.",
        "",
        "| from-to | kin | whole, before | after | four words, before | after |",
        "|---|---|--:|--:|--:|--:|",
    ]
    kept: list[list[float]] = []
    for pair in PAIRS:
        for language, other in (pair.split("-"), pair.split("-")[::-1]):
            values = []
            for words in (10**6, 4):
                for one in (bare, index):
                    found = [
                        reciprocal(one, "bm25", " ".join(text.split()[:words]), language, other, name)
                        for name, text in texts[language].items()
                    ]
                    values.append(100 * float(np.mean(found)))
            kin = other in index.kindred(language)
            if kin:
                kept.append(values)
            lines.append(
                f"| {language}-{other} | {'yes' if kin else 'no'} | {' | '.join(f'{v:.1f}' for v in values)} |"
            )
            print(lines[-1], flush=True)
    lines.append(f"| mean of kin | | {' | '.join(f'{v:.1f}' for v in np.mean(kept, 0))} |")
    (RESULTS / "across-udhr.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(lines[-1])


if __name__ == "__main__":
    main()
