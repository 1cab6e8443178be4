"""How often is a true query said to fit nothing, and how often nonsense to fit something?

    python benchmarks/search_quality.py --work search-quality     makes the index
    python benchmarks/fits.py [--work search-quality]

The index is that of `search_quality.py`: the test documents of ``wikipedia``, of which one sentence in twenty was taken
out. True queries are runs of 1, 2, 3, 5 and 8 words of those sentences, one of each length a sentence, so a person's
words about a text that the index has; a single word may of course stand nowhere. Nonsense are words made of
the trigrams of letters of each language, none of which the index's text of that language has as a word: 1, 2, 3 and
5 of them. Each is asked in its own language and in all. Writes benchmarks/results/fits.{md,json}.
"""

import argparse
import json
import random
import zlib
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

from search_quality import MOST, MOST_DOCUMENTS
from sprachbund import Corpus, Encoder, Index
from sprachbund.corpus.segment import words
from sprachbund.corpus.splits import TEST
from sprachbund.search.asking import Request
from sprachbund.search.tuning import held_out, take_out

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
LENGTHS, MADE = (1, 2, 3, 5, 8), (1, 2, 3, 5)
EACH = 60
UNSPACED = ("ja", "zh", "th")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("search-quality"))
    given = parser.parse_args()
    index, corpus = Index.open(given.work / "index"), Corpus.open(given.work / "corpus")
    sentences = taken_out(Encoder.load(given.work / "model"), corpus, index.languages)
    counts: dict[tuple[str, int, str], list[int]] = defaultdict(lambda: [0, 0])
    for language in index.languages:
        if language in UNSPACED:
            continue
        for kind, size, query in queries(corpus, sentences[language], language):
            for side, scope in (("own", (language,)), ("all", ())):
                found = index.answer(Request(query, 10, languages=scope, correct=False))
                counts[kind, size, side][0] += found.fits
                counts[kind, size, side][1] += 1
    write(counts)


def queries(corpus: Corpus, sentences: list[str], language: str) -> Iterator[tuple[str, int, str]]:
    """Kind, words and text of each query."""
    chance = random.Random(zlib.crc32(language.encode()))
    texts = corpus.read(language, ["text"])["text"].to_list()
    known = {word for text in texts for word in words(text.lower(), language)}
    listed = sorted(known)
    for _ in range(min(EACH, len(sentences))):
        for size in LENGTHS:
            if query := true_query(chance, sentences, size, language):
                yield "true", size, query
        for size in MADE:
            yield "nonsense", size, " ".join(nonsense(chance, listed, known) for _ in range(size))


def taken_out(encoder: Encoder, corpus: Corpus, languages: tuple[str, ...]) -> dict[str, list[str]]:
    """The sentences that the index lacks, by language."""
    held = held_out(encoder, corpus, languages, TEST, MOST_DOCUMENTS).items()
    return {language: [one.text for one in take_out(documents, language, MOST)[1]] for language, documents in held}


def true_query(chance: random.Random, sentences: list[str], size: int, language: str) -> str:
    """A run of so many words of a sentence; empty where none is as long."""
    own = list(words(chance.choice(sentences), language))
    if len(own) < size:
        return ""
    start = chance.randrange(len(own) - size + 1)
    return " ".join(own[start : start + size])


def nonsense(chance: random.Random, listed: Sequence[str], known: Container[str]) -> str:
    """A word of the trigrams of a language's words that is none of them."""
    while True:
        word = ""
        for _ in range(3):
            other = chance.choice(listed)
            if len(other) >= 4:
                place = chance.randrange(len(other) - 2)
                word += other[place : place + 3]
        if len(word) >= 6 and word not in known:
            return word


def write(counts: dict[tuple[str, int, str], list[int]]) -> None:
    """The table and its numbers."""
    lines = ["| queries | words | searched | asked | said to fit |", "|---|--:|---|--:|--:|"]
    for (kind, size, side), (fits, asked) in counts.items():
        lines.append(f"| {kind} | {size} | {side} | {asked:,} | {fits / max(1, asked):.1%} |")
    head = (
        "# Nothing fits well\n\nRuns of words out of sentences that were taken out of test documents of Wikipedia, and "
        "words made of each language's trigrams that it does not have: how many are said to fit something. "
        "Rerun: `python benchmarks/fits.py`, after `search_quality.py`.\n\n"
    )
    (RESULTS / "fits.md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    rows = [{"kind": k, "words": n, "searched": s, "fits": f, "asked": a} for (k, n, s), (f, a) in counts.items()]
    (RESULTS / "fits.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
