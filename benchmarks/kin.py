"""Which shares of frequent words have a partner that is spelt otherwise, or alike, by pairs with and without kinship.

    SPRACHBUND_DATA=tables python benchmarks/kin.py

Lists: ``similarity/freq`` in that folder, the 10,000 most frequent words. The table goes to benchmarks/results/kin.md;
`OTHERWISE` and `TOGETHER` of `sprachbund.search.kin` were set by it.
"""

import os
from pathlib import Path

from sprachbund.cognates.learning import learn
from sprachbund.cognates.words import read_words
from sprachbund.search.kin import OTHERWISE, TOGETHER, kinship

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data")) / "similarity" / "freq"
PAIRS = {
    "near kin": "no-sv fr-es it-ro cs-pl de-nl et-fi lt-lv uk-ru",
    "farther kin": "en-de en-fr en-pt",
    "no kin": "hu-es tr-es en-tr fi-sv eu-es hu-de",
}
WORDS = 10_000


def main() -> None:
    """Learn every pair and write the table."""
    rows = []
    for group, pairs in PAIRS.items():
        for pair in pairs.split():
            words = [read_words(DATA / f"{code}.20k.txt.gz", code, WORDS) for code in pair.split("-")]
            found = learn(*words)
            otherwise, alike = kinship(found, *words)
            verdict = "kin" if otherwise >= OTHERWISE or otherwise + alike >= TOGETHER else ""
            rows.append(f"| {pair} | {group} | {len(found):,} | {otherwise:.3f} | {alike:.3f} | {verdict} |")
            print(rows[-1], flush=True)
    head = ["| pair | | pairs of words | share spelt otherwise | alike | |", "|---|---|--:|--:|--:|---|"]
    table = "\n".join([*head, *rows])
    (ROOT / "benchmarks" / "results" / "kin.md").write_text(
        "# Frequent words with a partner that is spelt otherwise, or alike\n\n"
        f"Made by `benchmarks/kin.py`, which says how.\n\n{table}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
