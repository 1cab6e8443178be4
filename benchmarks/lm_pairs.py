"""Do language models know right from wrong sentences? MultiBLiMP's pairs, and pairs made of treebanks.

    python benchmarks/lm_pairs.py [--work FOLDER] [--languages en,el,tr,nl,es,uk] [--neural en] [--minutes 3]

Text: ``wikipedia``, ``eltec`` and ``bible`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), 3 million
characters at most of what a language has there, drawn by documents; the order of the n-grams is chosen on dev. Pairs:
``lm/multiblimp`` (made of treebanks' sentences by the forms of UniMorph) and ``ud``, 3,000 a treebank at most. The
languages of --neural get a whole model too, n-grams of words and a small neural part of so many minutes beside those of
characters, on a million characters, and beside it n-grams of the same million characters alone. Overlap: the share of
the right sentences' runs of five words that stand in the training text. Writes benchmarks/results/lm-pairs.md; half a
minute of a core a language. A language that was done is not done again: its rows lie in the work folder.
"""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

from sprachbund import Corpus, ingest
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.ngram.characters import choose_order
from sprachbund.lm.pairs import MinimalPair, Share, judge_pairs, read_sentence_pairs, shares
from sprachbund.lm.settings import LmSettings
from sprachbund.lm.sides import sides_of
from sprachbund.lm.train import train_language_model
from sprachbund.lm.treebank_pairs import treebank_pairs

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
OUT = ROOT / "benchmarks" / "results" / "lm-pairs.md"
TEXT = {
    "en": ("Wikipedia", "wikipedia/en.gensim wikipedia/en.wikinews wikipedia/en.wikiextractor"),
    "el": ("Wikipedia", "wikipedia/el.dump100k"),
    "tr": ("Wikipedia", "wikipedia/tr.tquad wikipedia/tr.wikiextractor"),
    "nl": ("a Bible in the Dutch of 1637", "bible/nl.DutSVV"),
    "es": ("novels of 1840 to 1920", "eltec/es*"),
    "uk": ("Wikipedia", "wikipedia/uk.dump100k"),
}
MULTIBLIMP = {"en": "eng", "el": "ell", "tr": "tur", "nl": "nld"}
TREEBANKS = {
    "en": "en.English-GUM", "el": "el.Greek-GDT", "tr": "tr.Turkish-BOUN", "nl": "nl.Dutch-LassySmall",
    "es": "es.Spanish-GSD", "uk": "uk.Ukrainian-IU",
}  # fmt: skip
MOST, NEURAL, PAIRS, RUN = 3_000_000, 1_000_000, 3_000, 5


def corpus_of(work: Path, code: str) -> Corpus:
    """All text of a language."""
    folder = work / f"corpus-{code}"
    if not folder.exists():
        sources = [path for name in TEXT[code][1].split() for path in sorted(DATA.glob(f"{name}.jsonl.gz"))]
        ingest(sources, folder)
    return Corpus.open(folder)


def runs(text: str) -> set[tuple[str, ...]]:
    """Of five words."""
    words = text.lower().split()
    return {tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def overlap(train: Sequence[str], pairs: Sequence[MinimalPair]) -> float:
    """The share of the right sentences' runs of words that stand in the training text, in percent."""
    known = {run for text in train for run in runs(text)}
    asked = [run for right in sorted({pair.right for pair in pairs}) for run in runs(right)]
    return 100 * sum(run in known for run in asked) / max(1, len(asked))


def judged(model: LanguageModel, name: str, pairs: Sequence[MinimalPair], train: Sequence[str]) -> dict[str, object]:
    """What came of the pairs of one source."""
    told = judge_pairs(model, pairs)
    whole = Share("", "all", len(pairs), told.mean, told.low, told.high, told.shuffled)
    return {
        "pairs": name, "overlap": overlap(train, pairs),
        "shares": [(x.by, x.name, x.pairs, x.mean, x.low, x.high, x.shuffled) for x in (whole, *shares(pairs, told))],
    }  # fmt: skip


def measured(work: Path, code: str, way: str, minutes: float, most: int) -> dict[str, object]:
    """One language: n-grams of characters alone, or a whole model."""
    corpus = corpus_of(work, code)
    sides = sides_of(corpus, code, characters=most)
    if way == "characters":
        model = LanguageModel(code, (choose_order(sides.train.texts, sides.dev.texts, code),))
        kind = f"n-grams (order {model.ngrams[0].ngram.order})"
    else:
        settings = LmSettings(size="small", minutes=minutes, characters=most)
        model = train_language_model(corpus, code, work / f"{way}-{code}", settings=settings)
        kind = f"n-grams, words, small neural part ({minutes:g} minutes)"
    kind += f" of {sides.train.characters / 1e6:.1f}M characters"
    sets = {"MultiBLiMP": DATA / "lm" / "multiblimp" / f"{MULTIBLIMP[code]}.tsv.gz"} if code in MULTIBLIMP else {}
    found = [judged(model, name, read_sentence_pairs(path), sides.train.texts) for name, path in sets.items()]
    treebank = treebank_pairs(DATA / "ud" / f"{TREEBANKS[code]}.test.conllu.gz", PAIRS)
    found.append(judged(model, f"of {TREEBANKS[code].partition('.')[2]}", treebank, sides.train.texts))
    bits = model.bits_per_byte(sides.test.texts) if sides.test.texts else float("nan")
    return {"language": code, "kind": kind, "characters": sides.train.characters, "bits": bits, "sets": found}


def kept(work: Path, code: str, way: str = "characters", minutes: float = 0, most: int = MOST) -> dict[str, object]:
    """From the work folder where it was done before."""
    path = work / f"{code}-{way}-{most}.json"
    if not path.exists():
        path.write_text(json.dumps(measured(work, code, way, minutes, most)), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def shown(share: Sequence[object]) -> str:
    """Per cent with its interval, beside shuffled words."""
    *_, pairs, mean, low, high, shuffled = share
    ends = f" [{100 * low:.1f}, {100 * high:.1f}]" if low == low else ""
    return f"{pairs:,} | {100 * mean:.1f}{ends} | {100 * shuffled:.1f} | {100 * (mean - shuffled):+.1f} |"


def table(rows: Sequence[dict[str, object]]) -> list[str]:
    """All rows: whole sets first, then by feature and distance."""
    head = [
        "| language | model | pairs of | | n | % right | % shuffled | beyond words |",
        "|---|---|---|---|--:|--:|--:|--:|",
    ]
    whole, parts = [], []
    for row in rows:
        for one in row["sets"]:
            first, *others = one["shares"]
            begin = f"| {row['language']} | {row['kind']} | {one['pairs']} |"
            whole.append(f"{begin} {one['overlap']:.1f}% | {shown(first)}")
            parts += [f"{begin} {share[0]}: {share[1]} | {shown(share)}" for share in others]
    return [head[0].replace("| |", "| overlap |"), head[1], *whole, "", "## By feature and distance", "", *head, *parts]


def main() -> None:
    """Train, judge, write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("pairs"))
    parser.add_argument("--languages", default=",".join(TEXT))
    parser.add_argument("--neural", default="")
    parser.add_argument("--minutes", type=float, default=3.0)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    rows = [kept(asked.work, code) for code in asked.languages.split(",")]
    for code in filter(None, asked.neural.split(",")):
        rows += [kept(asked.work, code, way, asked.minutes, NEURAL) for way in ("characters", "whole")]
    lines = [
        "# Right and wrong sentences",
        "",
        "The share of pairs in which the right sentence costs fewer bits, its 95% interval over sentences; chance is",
        "a half. *Shuffled*: the words of both in one random order, what is known from words alone; *beyond words* is",
        "what order adds. *Overlap*: of the right sentences' runs of five words, those that stand in the training",
        "text. MultiBLiMP's pairs are agreement of verbs with subjects, those of treebanks of determiners and",
        "adjectives with nouns too. Rerun: `python benchmarks/lm_pairs.py --neural en`.",
        "",
        "| language | model | learned from | characters | bits per byte, test |",
        "|---|---|---|--:|--:|",
        *(f"| {r['language']} | {r['kind']} | {TEXT[r['language']][0]} | {r['characters']:,} | {r['bits']:.3f} |"
          for r in rows),
        "",
        *table(rows),
    ]  # fmt: skip
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
