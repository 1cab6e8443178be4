"""Does a query find its translation in a language that spells alike? Through a real index, pair by pair.

    python benchmarks/across.py [--work FOLDER] [--queries 300] [--verses 3000] [--model MODEL] [--mode hybrid]

Text: ``bible`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), a document a verse. Nothing was chosen on it.
Of 3,000 verses one half is indexed in half of the languages, the other half in the others, so that no language has the
verse that a query of it is; cognates are learned from the words of the index. A verse must find its translation among
the 1,500 of the other language: as a whole, and its first four words; in the index as it is without neighbours (hybrid,
the encoder trained on other chapters), and with them. Then one query for all languages that have the verse (mean
average precision, and how many of the first as many are translations), with the share of each language; and the time of
a query, own language alone and with neighbours. Writes benchmarks/results/across.{md,json}.
"""

import argparse
import gzip
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund import Index, train
from sprachbund.corpus.ingest import ingest
from sprachbund.search.building import IndexSettings, add_corpus, create
from sprachbund.search.searching import MODES, Mode

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = ROOT / "benchmarks" / "results"
HALVES = (("es", "ru", "pl", "sv", "de"), ("pt", "fr", "uk", "cs", "nb", "da", "nl", "en", "hu"))
"""The languages that have the one half of the verses, and those that have the other."""
PAIRS = ("pt-es", "fr-es", "uk-ru", "cs-pl", "nb-sv", "da-sv", "nl-de", "en-de", "hu-es", "en-es")
DEEP, CHAPTERS = 100, 16
"""Hits that are looked at; one chapter in so many trains the encoder, and is not among the verses."""


def verses(code: str) -> dict[str, str]:
    """The verses of a Bible by chapter and number."""
    (path,) = sorted((DATA / "bible").glob(f"{code}.*.jsonl.gz"))
    found = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            for section in document["sections"]:
                for number, text in enumerate(text for paragraph in section["sentences"] for text in paragraph):
                    found[f"{document['group']}.{number + 1}"] = text
    return found


def make(
    work: Path, count: int, model: Path | None
) -> tuple[Index, dict[str, dict[str, str]], tuple[set[str], set[str]]]:
    """The index, the texts by language and verse, and the two halves."""
    texts = {code: verses(code) for half in HALVES for code in half}
    common = sorted(set.intersection(*(set(own) for own in texts.values())))
    chapters = sorted({verse.rpartition(".")[0] for verse in common})[::CHAPTERS]
    rest = [verse for verse in common if verse.rpartition(".")[0] not in chapters]
    drawn = np.random.default_rng(0).permutation(rest)[:count].tolist()
    halves = set(drawn[: len(drawn) // 2]), set(drawn[len(drawn) // 2 :])
    if not (work / "index").exists():
        work.mkdir(parents=True, exist_ok=True)
        rows = []
        for half, codes in zip(halves, HALVES, strict=True):
            for code in codes:
                for verse in sorted(half):
                    section = {"title": "", "sentences": [[texts[code][verse]]]}
                    rows.append({"id": verse, "lang": code, "title": "", "group": verse, "sections": [section]})
        whole = []
        for code, own in texts.items():
            for chapter in chapters:
                held = [text for verse, text in own.items() if verse.rpartition(".")[0] == chapter]
                section = {"title": "", "sentences": [held]}
                whole.append({"id": chapter, "lang": code, "title": "", "sections": [section]})
        for name, written in (("verses", rows), ("chapters", whole)):
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in written)
            (work / f"{name}.jsonl").write_text(lines, encoding="utf-8")
        ingest([work / "verses.jsonl"], work / "corpus")
        ingest([work / "chapters.jsonl"], work / "chapters")
        if model is None:
            train(work / "chapters", work / "model", task="ic")
        create(work / "index", model or work / "model", IndexSettings(sentences=1, map_points=0))
        add_corpus(work / "index", work / "corpus")
    return Index.open(work / "index"), texts, halves


def reciprocal(index: Index, mode: Mode, query: str, language: str, other: str, verse: str) -> float:
    """One over the rank of a verse in another language, 0 where it is not among the first hundred."""
    hits = index.search(query, DEEP, (other,), mode=mode, query_language=language, operators=False, correct=False)
    return next((1 / hit.rank for hit in hits if hit.document == verse), 0.0)


def by_pair(index: Index, mode: Mode, texts: dict[str, dict[str, str]], halves: Any, most: int) -> list[dict[str, Any]]:
    """MRR of each pair in both directions, with and without neighbours, long and short."""
    rows = []
    bare = replace(index, kin={})
    place = {code: number for number, codes in enumerate(HALVES) for code in codes}
    for pair in PAIRS:
        for language, other in (pair.split("-"), pair.split("-")[::-1]):
            asked = sorted(halves[place[other]])
            asked = np.random.default_rng(1).permutation(asked)[:most].tolist()
            row: dict[str, Any] = {"pair": f"{language}-{other}", "queries": len(asked)}
            row["kin"] = other in index.kindred(language)
            for name, words in (("whole", 10**6), ("four", 4)):
                queries = [" ".join(texts[language][verse].split()[:words]) for verse in asked]
                for arm, one in (("before", bare), ("after", index)):
                    values = [reciprocal(one, mode, *each) for each in zip(
                        queries, [language] * len(asked), [other] * len(asked), asked, strict=True)]  # fmt: skip
                    row[f"{name} {arm}"] = 100 * float(np.mean(values))
            rows.append(row)
            print(json.dumps(row), flush=True)
    return rows


def mixed(index: Index, mode: Mode, texts: dict[str, dict[str, str]], halves: Any, most: int) -> list[dict[str, Any]]:
    """One query for all kin that have the verse, the query's own language searched too."""
    rows = []
    bare = replace(index, kin={})
    place = {code: number for number, codes in enumerate(HALVES) for code in codes}
    for language in ("pt", "es", "uk", "ru", "nb", "sv", "nl", "de"):
        near = index.kindred(language)
        for half in (0, 1):
            there = [code for code in near if place[code] == half and place[language] != half]
            if not there:
                continue
            scope = tuple(sorted({language, *near}))
            asked = np.random.default_rng(2).permutation(sorted(halves[half]))[:most].tolist()
            for arm, one in (("before", bare), ("after", index)):
                precision, recall, first = [], [], []
                for verse in asked:
                    hits = one.search(
                        texts[language][verse], DEEP, scope, mode=mode, query_language=language, operators=False
                    )
                    ranks = [hit.rank for hit in hits if hit.document == verse and hit.language in there]
                    precision.append(sum((n + 1) / rank for n, rank in enumerate(ranks)) / len(there))
                    recall.append(sum(rank <= len(there) for rank in ranks) / len(there))
                    first += [hit.language for hit in hits[:10]]
                shares = {code: first.count(code) / max(1, len(first)) for code in scope}
                rows.append(
                    {"language": language, "of": there, "arm": arm, "map": 100 * float(np.mean(precision)),
                     "recall": 100 * float(np.mean(recall)), "shares": shares}
                )  # fmt: skip
                print(json.dumps(rows[-1]), flush=True)
    return rows


def times(index: Index, mode: Mode, texts: dict[str, dict[str, str]], halves: Any) -> list[dict[str, Any]]:
    """Milliseconds of processor a query: own language, its neighbours by words as before, its neighbours by letters."""
    rows = []
    bare = replace(index, kin={})
    for language in ("pt", "uk", "nb"):
        near = tuple(sorted({language, *index.kindred(language)}))
        queries = [texts[language][verse] for verse in sorted(halves[0])[:60]]
        for name, words in (("whole", 10**6), ("four", 4)):
            asked = [" ".join(query.split()[:words]) for query in queries]
            row: dict[str, Any] = {"language": language, "query": name, "languages": len(near)}
            for arm, one, scope in (("own", bare, (language,)), ("before", bare, near), ("after", index, near)):
                best = []
                for _ in range(2):
                    begun = time.process_time()
                    for query in asked:
                        one.search(query, 10, scope, mode=mode, query_language=language, operators=False)
                    best.append(1000 * (time.process_time() - begun) / len(asked))
                row[arm] = min(best)
            rows.append(row)
            print(json.dumps(row), flush=True)
    return rows


def main() -> None:
    """Run and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("across"))
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--verses", type=int, default=3_000, help="of both halves")
    parser.add_argument("--model", type=Path, help="an encoder; by default one is trained on other chapters")
    parser.add_argument("--mode", choices=MODES, default="hybrid")
    options = parser.parse_args()
    index, texts, halves = make(options.work, options.verses, options.model)
    found = {
        "verses": options.verses,
        "mode": options.mode,
        "sizes": index.sizes(),
        "passages": sum(count["passages"] for count in index.counts.values()),
        "pairs": by_pair(index, options.mode, texts, halves, options.queries),
        "mixed": mixed(index, options.mode, texts, halves, options.queries),
        "times": times(index, options.mode, texts, halves),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "across.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    write(found)


def write(found: dict[str, Any]) -> None:
    """The tables for people."""
    lines = [
        "# Search across neighbours",
        "",
        f"Bible verses, {found['verses'] // 2:,} a language, each a passage; a verse must find its translation among "
        "those of the other language (MRR x 100). Nothing was chosen on this text. *Before*: the index without "
        f"neighbours, mode {found['mode']}. Rerun: `python benchmarks/across.py --verses {found['verses']} "
        f"--queries {found['pairs'][0]['queries']} --mode {found['mode']}`.",
        "",
        "| from-to | kin | whole verse, before | after | four words, before | after |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for row in found["pairs"]:
        cells = [f"{row[name]:.1f}" for name in ("whole before", "whole after", "four before", "four after")]
        lines.append(f"| {row['pair']} | {'yes' if row['kin'] else 'no'} | {' | '.join(cells)} |")
    kin = [row for row in found["pairs"] if row["kin"]]
    cells = [
        f"{np.mean([row[n] for row in kin]):.1f}" for n in ("whole before", "whole after", "four before", "four after")
    ]
    lines.append(f"| mean of kin | | {' | '.join(cells)} |")
    lines += [
        "",
        "One query for all neighbours that have the verse, its own language searched with them: mean average "
        "precision, and which part of the first n are the n translations; the share of each language in the first ten.",
        "",
        "| query | its translations | | MAP | recall | shares of the first ten |",
        "|---|---|---|--:|--:|---|",
    ]
    for row in found["mixed"]:
        shares = ", ".join(f"{code} {100 * share:.0f}%" for code, share in row["shares"].items())
        lines.append(
            f"| {row['language']} | {', '.join(row['of'])} | {row['arm']} | {row['map']:.1f} | {row['recall']:.1f} "
            f"| {shares} |"
        )
    lines += [
        "",
        "Time of a query of k = 10, milliseconds of processor: the own language alone; all of these languages as "
        "before; with neighbours by their letters.",
        "",
        "| query | words | languages | own | before | after | after over before |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for row in found["times"]:
        cells = f"{row['own']:.2f} | {row['before']:.2f} | {row['after']:.2f} | {row['after'] / row['before']:.2f}"
        lines.append(f"| {row['language']} | {row['query']} | {row['languages']} | {cells} |")
    size, passages = found["sizes"], found["passages"]
    lines += [
        "",
        f"Bytes: {size['romanised'] / passages:,.0f} a passage (one verse) of romanised text beside "
        f"{size['segments'] / passages:,.0f} of the rest; {size['cognates'] / 1e6:.1f} MB of cognates.",
    ]
    (RESULTS / "across.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
