"""Vectors of words: which method at which size, and from which size on two languages can be aligned.

    python benchmarks/vectors.py methods --corpus CORPUS --language pt --sizes 3000,10000,28000 [--out FILE.jsonl]
    python benchmarks/vectors.py align --corpus CORPUS --pair es,pt --sizes 3000,10000,30000 --truth FILE
    python benchmarks/vectors.py read --corpus CORPUS --language pt --sizes 28000
    python benchmarks/vectors.py senses --corpus CORPUS --language pt --sizes 56000
    python benchmarks/vectors.py table FILE.jsonl

CORPUS is what ``sprachbund ingest`` made of ``eltec`` or ``wikipedia_large``; documents are taken in an order drawn
once, to the size in sentences.

*methods*: no labels are needed. The documents are dealt into two halves that share no sentence, each gives vectors,
and every second of the 5,000 most frequent words that both have turns one over the other. Of the rest the share is
told whose nearest in the other half is the word itself: what the vectors hold of a word that is no accident of the
text.

*align*: words of a dictionary that people made (Apertium, Wiktionary), asked as in `vectors.inducing`; ``without``:
begun from identical strings and learned cognates; ``dictionary``: from half of the dictionary, by the left word;
``both``. The other half is judged under every arm. ``control``: vectors dealt to other words. Sizes below the floor go
with ``force``.

*read*: one half of the documents gives vectors, the other the text that intruders are found in (`vectors.intrusion`).

*senses*: forty pairs of words that occur 150 to 400 times are made one word each; such a word should have two senses,
and forty other words, left as they are, mostly one; all of them with their words dealt anew, one.
"""

import argparse
import json
import time
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund import Corpus
from sprachbund.cognates.dictionaries import read_dictionary
from sprachbund.errors import SprachbundError
from sprachbund.vectors.aligning import align
from sprachbund.vectors.dictionaries import induced_and_judged
from sprachbund.vectors.intrusion import intrusion, rotated
from sprachbund.vectors.nearest import best_of, hubness
from sprachbund.vectors.running import of_texts
from sprachbund.vectors.seeds import learned_cognates
from sprachbund.vectors.senses import Senses, find_senses
from sprachbund.vectors.settings import VectorSettings
from sprachbund.vectors.space import Space, of_length_one
from sprachbund.vectors.training import train_running
from sprachbund.vectors.turning import levelled, mean_of, rotations

WORDS = 5_000


def texts(corpus: Corpus, language: str) -> tuple[list[str], list[int]]:
    """All sentences with their documents' numbers, documents in an order drawn once."""
    frame = corpus.read(language, ["document", "text"])
    names = frame["document"].unique(maintain_order=True).to_list()
    order = {names[i]: place for place, i in enumerate(np.random.default_rng(0).permutation(len(names)).tolist())}
    places = np.array([order[name] for name in frame["document"].to_list()])
    at = np.argsort(places, kind="stable")
    found = frame["text"].to_list()
    return [found[i] for i in at.tolist()], places[at].tolist()


def space(sentences: list[str], language: str, settings: VectorSettings) -> tuple[Space, float]:
    """Vectors of sentences, and the seconds of training."""
    running = of_texts(sentences, language, settings)
    begun = time.monotonic()
    return train_running(running, language, settings), time.monotonic() - begun


def itself(one: Space, other: Space) -> tuple[float, float, int]:
    """Shares of words that find themselves in the other half first and among five, and of how many."""
    shared = [word for word in one.words if word in other.places][:WORDS]
    pairs = np.array([(one.places[word], other.places[word]) for word in shared], np.int32)
    seeds = np.arange(len(pairs)) % 2 == 0
    ours, theirs = levelled(one.vectors, mean_of(one.vectors)), levelled(other.vectors, mean_of(other.vectors))
    turned = rotations(ours, theirs, pairs[seeds], 0.5)
    units, others = of_length_one(ours[pairs[:, 0]] @ turned.left), of_length_one(theirs[pairs[:, 1]] @ turned.right)
    places, _ = best_of(units, others, 5, hubness(units, others), hubness(others, units))
    hits = places == np.arange(len(pairs))[:, None]
    return float(hits[~seeds, 0].mean()), float(hits[~seeds].any(axis=1).mean()), int((~seeds).sum())


def keep(row: dict[str, Any], out: Path | None) -> None:
    """Print a row, and add it to a file."""
    print(json.dumps(row), flush=True)
    if out:
        with out.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(row) + "\n")


def methods(
    corpus: Corpus, language: str, sizes: list[int], asked: list[str], changes: dict[str, Any], out: Path | None
) -> None:
    """A row a size and method."""
    sentences, documents = texts(corpus, language)
    halves = [[text for text, n in zip(sentences, documents, strict=True) if n % 2 == side] for side in (0, 1)]
    for size in sizes:
        for method in asked:
            made = [space(half[:size], language, VectorSettings(method=method, **changes)) for half in halves]
            at_1, at_5, words = itself(made[0][0], made[1][0])
            tokens = int(np.mean([one.about["tokens"] for one, _ in made]))
            row = {"kind": "methods", "language": language, "sentences": size, "tokens": tokens, "method": method}
            row |= {"dim": made[0][0].dim, "words": words, "at_1": at_1, "at_5": at_5, "seconds": made[0][1]}
            keep(row, out)


def aligned(
    corpus: Corpus,
    pair: list[str],
    sizes: list[int],
    truth: Path,
    arms: list[str],
    changes: dict[str, Any],
    out: Path | None,
) -> None:
    """A row a size and arm."""
    given = read_dictionary(truth).pairs
    half = [one for one in given if zlib.crc32(one[0].encode()) % 2]
    rest = [one for one in given if not zlib.crc32(one[0].encode()) % 2]
    found = [texts(corpus, language)[0] for language in pair]
    for size in sizes:
        settings = VectorSettings(**changes)
        one, other = (space(text[:size], code, settings)[0] for text, code in zip(found, pair, strict=True))
        cognates = learned_cognates(one, other)
        for arm in arms:
            begun = time.monotonic()
            options: dict[str, Any] = {} if arm == "without" else {"dictionary": half, "spelling": arm == "both"}
            row: dict[str, Any] = {"kind": "align", "pair": "-".join(pair), "sentences": size, "arm": arm}
            row |= {
                "tokens": [one.about["tokens"], other.about["tokens"]],
                "method": one.about["method"],
                "dim": one.dim,
            }
            try:
                laid = align(one, other, cognates=cognates, force=True, **options)
            except SprachbundError as error:
                row["failed"] = str(error)
            else:
                judged = induced_and_judged(one, other, laid, rest, cognates=cognates)
                assert judged.judged is not None and judged.control is not None
                row |= {"about": dict(laid.about), "judged": judged.judged.for_json()}
                row |= {"control": judged.control.for_json(), "seconds": time.monotonic() - begun}
            keep(row, out)


METHODS = (
    "language | sentences a half | words of text | method | dim | finds itself first | among five | of words | seconds"
)
READ = "language | sentences a half | vectors | dim | not 0 | dimensions asked | intruders found (chance 16.7%) | NPMI"
SENSES = "language | sentences | words | asked | more than one sense | the same, words dealt anew"
ALIGN = (
    "pair | sentences | words of text | method, dim | arm | way | held back (control) | asked | first | among five | "
    "control | not spelled alike: asked | first | 95% | among five | control"
)


def read(
    corpus: Corpus, language: str, sizes: list[int], asked: list[str], changes: dict[str, Any], out: Path | None
) -> None:
    """A row a size and method, and its control."""
    sentences, documents = texts(corpus, language)
    halves = [[text for text, n in zip(sentences, documents, strict=True) if n % 2 == side] for side in (0, 1)]
    for size in sizes:
        judge = of_texts(halves[1][:size], language, VectorSettings(min_count=2))
        for method in asked:
            made, seconds = space(halves[0][:size], language, VectorSettings(method=method, **changes))
            for name, one in (("", made), (", turned at random", rotated(made))):
                found = intrusion(one, judge)
                row = {"kind": "read", "language": language, "sentences": size, "method": method + name}
                row |= {"dim": one.dim, "asked": len(found.dimensions), "found": found.score, "seconds": seconds}
                row |= {"coherence": found.coherence, "nonzero": float((one.vectors != 0).mean())}
                keep(row, out)


def senses(corpus: Corpus, language: str, sizes: list[int], out: Path | None, count: int = 40) -> None:
    """A row a kind of words."""
    sentences, _ = texts(corpus, language)
    for size in sizes:
        made, _ = space(sentences[:size], language, VectorSettings(dim=100))
        running = of_texts(sentences[:size], language, VectorSettings(min_count=2, words=200_000))
        fit = np.flatnonzero((running.counts >= 150) & (running.counts <= 400))
        fit = np.array([i for i in fit if len(running.words[i]) > 3])
        drawn = np.random.default_rng(0).permutation(fit)
        kinds: dict[str, list[Senses]] = {"two words made one": [], "one word": []}
        for one, other in drawn[: 2 * count].reshape(-1, 2).tolist():
            ids = np.where(running.ids == other, one, running.ids).astype(np.int32)
            counts = running.counts.copy()
            counts[one] += counts[other]
            kinds["two words made one"].append(
                find_senses(made, replace(running, ids=ids, counts=counts), running.words[one])
            )
        for one in drawn[2 * count : 3 * count].tolist():
            kinds["one word"].append(find_senses(made, running, running.words[one]))
        for kind, found in kinds.items():
            row = {"kind": "senses", "language": language, "sentences": size, "words": kind, "asked": len(found)}
            row |= {"split": float(np.mean([len(each.senses) > 1 for each in found]))}
            row |= {"dealt": float(np.mean([each.dealt > 1 for each in found]))}
            keep(row, out)


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as Markdown."""
    out = [
        "# Vectors of words",
        "",
        "Made by `benchmarks/vectors.py`, which says how. Nothing was chosen on these figures but the two floors",
        "of `align` (words of text, and the share of pairs held back) and the method that `auto` takes.",
        "",
    ]
    chosen = [row for row in rows if row["kind"] == "methods"]
    if chosen:
        out += ["## Which method at which size", "", f"| {METHODS} |", "|" + "---|" * (METHODS.count("|") + 1)]
    for row in chosen:
        cells = [row["language"], f"{row['sentences']:,}", f"{row['tokens']:,}", row["method"], f"{row['dim']}"]
        cells.append(f"{row['at_1']:.1%}")
        out.append(line(*cells, f"{row['at_5']:.1%}", f"{row['words']:,}", f"{row['seconds']:.0f}"))
    laid = [row for row in rows if row["kind"] == "align"]
    if laid:
        out += ["", "## From which size on two languages can be aligned", "", f"| {ALIGN} |"]
        out.append("|" + "---|" * (ALIGN.count("|") + 1))
    for row in laid:
        cells = [
            row["pair"],
            f"{row['sentences']:,}",
            f"{min(row['tokens']):,}",
            f"{row['method']}, {row['dim']}",
            row["arm"],
        ]
        if "failed" in row:
            out.append(line(*cells, row["failed"].partition(";")[0], *[""] * 10))
            continue
        held, all_, unlike = row["about"]["held_out"], row["judged"]["all"], row["judged"]["unlike"]
        cells += [row["about"]["way"], f"{held['precision']:.1%} ({held['control']:.1%})", f"{all_['words']:,}"]
        cells += [f"{all_['at_1']:.1%}", f"{all_['at_5']:.1%}", f"{row['control']['all']['at_1']:.1%}"]
        cells += [f"{unlike['words']:,}", f"{unlike['at_1']:.1%}", f"{unlike['low']:.1%} to {unlike['high']:.1%}"]
        out.append(line(*cells, f"{unlike['at_5']:.1%}", f"{row['control']['unlike']['at_1']:.1%}"))
    asked = [row for row in rows if row["kind"] == "read"]
    if asked:
        out += ["", "## How well dimensions can be read", "", f"| {READ} |", "|" + "---|" * (READ.count("|") + 1)]
    for row in asked:
        cells = [row["language"], f"{row['sentences']:,}", row["method"], f"{row['dim']}", f"{row['nonzero']:.0%}"]
        out.append(line(*cells, f"{row['asked']}", f"{row['found']:.1%}", f"{row['coherence']:.3f}"))
    split = [row for row in rows if row["kind"] == "senses"]
    if split:
        out += ["", "## Senses", "", f"| {SENSES} |", "|" + "---|" * (SENSES.count("|") + 1)]
    for row in split:
        cells = [row["language"], f"{row['sentences']:,}", row["words"], f"{row['asked']}"]
        out.append(line(*cells, f"{row['split']:.0%}", f"{row['dealt']:.0%}"))
    return "\n".join(out) + "\n"


def line(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run what is asked for; rows are added to a file of JSON Lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("methods", "align", "read", "senses", "table"))
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--language", default="pt")
    parser.add_argument("--pair", default="es,pt")
    parser.add_argument("--sizes", default="3000,10000,30000")
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--arms", default="without,dictionary,both")
    parser.add_argument("--methods", default="counts,skip-gram")
    parser.add_argument("--change", default="{}", help="settings as JSON")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.what == "table":
        print(table([json.loads(line) for line in given.file.read_text().splitlines()]))
        return
    sizes = [int(size) for size in given.sizes.split(",")]
    corpus = Corpus.open(given.corpus, check=False)
    if given.what == "senses":
        senses(corpus, given.language, sizes, given.out)
    elif given.what == "read":
        read(corpus, given.language, sizes, given.methods.split(","), json.loads(given.change), given.out)
    elif given.what == "methods":
        methods(corpus, given.language, sizes, given.methods.split(","), json.loads(given.change), given.out)
    else:
        aligned(
            corpus,
            given.pair.split(","),
            sizes,
            given.truth,
            given.arms.split(","),
            json.loads(given.change),
            given.out,
        )


if __name__ == "__main__":
    main()
