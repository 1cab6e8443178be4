"""How alike languages look in so little text as Tatoeba has, kin and others: what `kindred.NEAR` lets through.

    SPRACHBUND_DATA=tables python benchmarks/near.py

The words are those of the sentences that `across_weights.py` reads, a thousand a language at most.
Prints, for groups of pairs, the least, the middle and the greatest likeness and how many pairs are at least `NEAR`.
"""

import itertools
from collections import Counter

import numpy as np

from across_weights import KIN, NAMES, sentences
from sprachbund.cognates.words import Words, counted_words
from sprachbund.search.kindred import NEAR, SETTINGS, likeness

FAR = {"English and Germanic": "de nl sv no da", "English and Romance": "fr pt es it ro"}


def words(code: str) -> Words:
    """The words of a language's sentences with their counts."""
    # English stands beside each of the others
    texts = (
        sentences(code).values() if code != "en" else [each for one in ("de", "es", "ru") for each in sentences(one)]
    )
    counts = Counter(word for text in texts for word in text.split() if word.isalpha())
    return counted_words(code, dict(counts), SETTINGS.words)


def main() -> None:
    """Print the table."""
    codes = [*NAMES, "en"]
    place = {code: number for number, code in enumerate(codes)}
    alike = likeness([words(code) for code in codes])
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, named in KIN.items():
        if name not in ("far", "none"):
            parts = named.split()
            pairs = (part.split("-") for part in parts) if "-" in named else itertools.combinations(parts, 2)
            groups[name] = [(one, other) for one, other in pairs]
    groups |= {name: [("en", other) for other in named.split()] for name, named in FAR.items()}
    kin = {frozenset(pair) for pairs in groups.values() for pair in pairs}
    groups["all others"] = [pair for pair in itertools.combinations(codes, 2) if frozenset(pair) not in kin]
    print("| pairs | how many | least | middle | greatest | at least NEAR |\n|---|--:|--:|--:|--:|--:|")
    for name, pairs in groups.items():
        found = np.array([alike[place[one], place[other]] for one, other in pairs])
        ends = " | ".join(f"{each:.2f}" for each in (found.min(), np.median(found), found.max()))
        print(f"| {name} | {len(pairs)} | {ends} | {(found >= NEAR).sum()} |")


if __name__ == "__main__":
    main()
