"""What neighbours' n-grams bring a language model, by size of text, neighbour and way; Kneser-Ney and PPMd beside it.

    python benchmarks/lm_neighbours.py [--targets pt,uk,cs,sv] [--sizes 30000,100000,300000] [--seeds 3]

Text: ``eltec`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), novels of 1840 to 1920; six of ten novels
train, one chooses, three judge. The training text of a target is cut to so many characters, drawn by the seed, the dev
text to a third of that and at least 10,000: weights that dev chooses must not come from more text than there is. Each
test novel counts with its first 100,000 characters. Dictionaries: Apertium's for es-pt, Wiktionary's for English.

    Kneser-Ney       the target's own n-grams, the order chosen on dev
    all              n-grams of all neighbours beside it, weighed on dev
    respelled        the same, their text in the target's words by learned cognates
    dictionary       the same, and by a dictionary where there is one
    placebo          the nearest neighbour's, the target's letters exchanged
    PPMd             (order 6, 64 MB) has read the training text, then each novel, learning as it reads
    adapting         all that *dictionary* has, n-grams of the own words too, learning as it reads (`lm.adapting`)
    rho              of neighbours ranked by the bits of their models on the target's training text, before any
                     training, and by what they bring

Writes benchmarks/results/lm-neighbours.{md,json}. Intervals are over novels. About two minutes of a core a line; a
line is printed when it is done, and found again when the script is started again.
"""

import argparse
import json
import os
from pathlib import Path

import numpy as np

from sprachbund import Corpus, ingest
from sprachbund.corpus.placing import Split
from sprachbund.lm.adapting import adapting_bits, adapting_gate
from sprachbund.lm.kind import exchanged, written
from sprachbund.lm.model import LanguageModel, bits, gated
from sprachbund.lm.neighbours import Respelling, lend
from sprachbund.lm.ngram.characters import CharacterNGram, bits_of, choose_order, train_characters
from sprachbund.lm.ngram.words import choose_words
from sprachbund.lm.sides import Sides, sides_of
from sprachbund.lm.text import Texts, bytes_of, cut
from sprachbund.statistics import bootstrap_means, interval

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = ROOT / "benchmarks" / "results"
NEIGHBOURS = {
    "pt": "es it fr ro en hu",
    "uk": "sr cs pl en hu",
    "cs": "pl sr uk de hu",
    "sv": "no de en fr hu",
}
SHARES = (0.6, 0.1, 0.3)
MOST, TEST = 3_000_000, 100_000
DICTIONARIES = DATA / "similarity" / "dictionaries"
WIKTIONARY = {"uk": "ukrainian", "cs": "czech", "sv": "swedish", "pt": "portuguese"}


def dictionaries(target: str, neighbours: list[str]) -> dict[str, Path]:
    """Those that there are, by neighbour."""
    found = {}
    if target == "pt":
        found["es"] = DICTIONARIES / "apertium-es-pt.es-pt.dix.gz"
    english = DICTIONARIES / "wiktionary" / f"{WIKTIONARY[target]}.txt.xz"
    if "en" in neighbours and english.exists():
        found["en"] = english
    return found


def heads(texts: Texts) -> list[str]:
    """The beginnings of novels that are judged."""
    return [text[:TEST] for text in texts.texts]


def relative(cost: np.ndarray, base: np.ndarray, sizes: np.ndarray) -> tuple[float, float, float]:
    """The change of the sum of bits over novels, in per cent, with its interval over novels."""
    drawn = bootstrap_means(np.stack([cost, base], 1), np.arange(len(sizes)), weights=sizes)
    low, high = interval(100 * (drawn[:, 0] / drawn[:, 1] - 1))
    return 100 * (cost.sum() / base.sum() - 1), low, high


def spearman(one: list[float], other: list[float]) -> float:
    """Of ranks."""
    ranks = [np.argsort(np.argsort(values)) for values in (one, other)]
    return float(np.corrcoef(*ranks)[0, 1])


def ppmd(train: list[str], tests: list[str]) -> list[float]:
    """Bits of each novel after the training text, by the length of what PPMd writes."""
    try:
        import pyppmd
    except ImportError:
        return []
    before = "".join(train).encode()

    def size(data: bytes) -> int:
        encoder = pyppmd.Ppmd7Encoder(6, 64 << 20)
        return len(encoder.encode(data) + encoder.flush())

    base = size(before)
    return [8.0 * (size(before + text.encode()) - base) for text in tests]


def measure(corpus: Corpus, target: str, size: int, seed: int, lent: dict[str, list[str]]) -> dict[str, object]:
    """One target, size and seed."""
    neighbours = NEIGHBOURS[target].split()
    sides: Sides = sides_of(corpus, target, Split(SHARES), size, seed)
    dev = cut(sides.dev, max(10_000, size // 3), seed)
    test = heads(sides.test)
    sizes = np.array(bytes_of(test), np.float64)
    own = choose_order(sides.train.texts, dev.texts, target)
    base = bits_of(own, test)

    def told(ngrams: list[CharacterNGram]) -> dict[str, object]:
        cost = bits(gated(LanguageModel(target, (own, *ngrams)), dev.texts), test)
        change, low, high = relative(cost, base, sizes)
        return {"bits": cost.sum() / sizes.sum(), "change": change, "low": low, "high": high}

    row: dict[str, object] = {
        "target": target, "size": size, "seed": seed, "order": own.ngram.order, "novels": len(test),
        "kneser-ney": base.sum() / sizes.sum(),
    }  # fmt: skip
    plain = {code: train_characters(lent[code], code, 8) for code in neighbours}
    row["each"] = {code: told([model]) for code, model in plain.items()}
    row["before"] = {
        code: bits_of(model, sides.train.texts).sum() / sum(bytes_of(sides.train.texts))
        for code, model in plain.items()
    }
    row["rho"] = spearman(list(row["before"].values()), [each["change"] for each in row["each"].values()])  # type: ignore[attr-defined]
    row["all"] = told(list(plain.values()))
    tables = dictionaries(target, neighbours)
    made: dict[str, CharacterNGram] = {}
    for name, known, codes in (("respelled", {}, neighbours), ("dictionary", tables, list(tables))):
        for code in codes:
            own_lent = lend(target, sides.train.texts, code, lent[code], Respelling(True, known))
            made[code] = plain[code] if own_lent.respelled is None else train_characters(own_lent.nearest, code, 8)
        row[name] = told([made[code] for code in neighbours])
    letters = exchanged(own.alphabet, seed)
    moved = choose_order(written(sides.train.texts, letters), written(dev.texts, letters), target)
    model = gated(LanguageModel(target, (moved, plain[neighbours[0]])), written(dev.texts, letters))
    change, low, high = relative(bits(model, written(test, letters)), base, sizes)
    row["placebo"] = {"change": change, "low": low, "high": high}
    words = choose_words(sides.train.texts, dev.texts, target)
    reader = LanguageModel(target, (own, *(made[code] for code in neighbours)), words=words)
    read = adapting_bits(reader, adapting_gate(reader, dev.texts), test)
    row["adapting"] = read.sum() / sizes.sum()
    found = ppmd(list(sides.train.texts), test)
    if found:
        row["ppmd"] = sum(found) / sizes.sum()
    return row


def main() -> None:
    """Run what is not there yet, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", default="pt,uk,cs,sv")
    parser.add_argument("--sizes", default="30000,100000,300000")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path("lm-neighbours"))
    given = parser.parse_args()
    given.work.mkdir(exist_ok=True)
    if not (given.work / "corpus").exists():
        ingest([DATA / "eltec"], given.work / "corpus")
    corpus = Corpus.open(given.work / "corpus", check=False)
    rows = []
    for seed in range(given.seeds):
        for target in given.targets.split(","):
            lent: dict[str, list[str]] = {}
            for size in map(int, given.sizes.split(",")):
                path = given.work / f"{target}-{size}-{seed}.json"
                if not path.exists():
                    lent = lent or {
                        code: list(sides_of(corpus, code, Split(SHARES), MOST, 0).train.texts)
                        for code in NEIGHBOURS[target].split()
                    }
                    path.write_text(json.dumps(measure(corpus, target, size, seed, lent)), encoding="utf-8")
                rows.append(json.loads(path.read_text(encoding="utf-8")))
                print(json.dumps({k: v for k, v in rows[-1].items() if k not in ("each", "before")})[:400], flush=True)
                write(rows)


def write(rows: list[dict]) -> None:
    """The tables so far."""
    (RESULTS / "lm-neighbours.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    keys = sorted({(row["target"], row["size"]) for row in rows})
    lines = [
        "# What neighbours bring a language model",
        "",
        "N-grams over characters, bits per byte of novels that no model has read; change against the target's own",
        "tuned Kneser-Ney, mean over seeds of the text, and the widest ends of their 95% intervals over novels. Rerun:",
        "`python benchmarks/lm_neighbours.py`; its first lines say what each column is.",
        "",
        "| target | characters | seeds | Kneser-Ney | all | respelled | dictionary | placebo | PPMd | adapting | rho |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for target, size in keys:
        own = [row for row in rows if (row["target"], row["size"]) == (target, size)]
        cells = [_change([row[name] for row in own]) for name in ("all", "respelled", "dictionary", "placebo")]
        plain = [_mean(own, name) for name in ("kneser-ney", "ppmd", "adapting")]
        rho = float(np.mean([row["rho"] for row in own]))
        row = [target, f"{size:,}", str(len(own)), plain[0], *cells, *plain[1:], f"{rho:.2f}"]
        lines.append(f"| {' | '.join(row)} |")
    lines += ["", "One neighbour at a time, as it is:", "", "| target | characters | neighbours |", "|---|--:|---|"]
    for target, size in keys:
        own = [row for row in rows if (row["target"], row["size"]) == (target, size)]
        changes = {code: np.mean([row["each"][code]["change"] for row in own]) for code in own[0]["each"]}
        shown = ", ".join(f"{code} {change:+.1f}%" for code, change in changes.items())
        lines.append(f"| {target} | {size:,} | {shown} |")
    (RESULTS / "lm-neighbours.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _mean(rows: list[dict], name: str) -> str:
    return f"{np.mean([row[name] for row in rows]):.3f}" if all(name in row for row in rows) else "-"


def _change(told: list[dict]) -> str:
    low, high = min(each["low"] for each in told), max(each["high"] for each in told)
    return f"{np.mean([each['change'] for each in told]):+.1f}% [{low:+.1f}, {high:+.1f}]"


if __name__ == "__main__":
    main()
