"""Small studies of our own: what each of many languages brings a target with little text, measured by ``transfer``.

    python benchmarks/neighbours/bible_studies.py --out STUDIES [--targets pt cs sv uk] [--helpers ...]

Text: ``bible`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), a document a chapter. The target has some
chapters and every helper the same other ones, so that no helper has a translation of what the target is judged on.
Each helper gives one start (``continued:xx``), compared with the target alone; each arm is the preset with ``dim`` 128,
untuned, and judged with all seeds on inverse cloze. A study a target, each in its folder; one that is there is kept.
`own_studies.py` reads them.
"""

import argparse
import gzip
import json
import os
from pathlib import Path

import numpy as np

from sprachbund.corpus.ingest import ingest
from sprachbund.retrieval.settings import BEST, change
from sprachbund.retrieval.transfer import transfer

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data")) / "bible"
TARGETS = ("pt", "cs", "sv", "uk")
HELPERS = ("es", "pt", "fr", "la", "cs", "pl", "ru", "uk", "sv", "da", "nb", "de", "en", "fi", "hu")
SETTINGS = change(BEST, dim=128)


def chapters(language: str) -> dict[str, str]:
    """The lines of a language's Bible by the name of the chapter."""
    (path,) = DATA.glob(f"{language}.*.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return {json.loads(line)["group"]: line for line in lines}


def corpus_for(target: str, helpers: list[str], folder: Path, own: int, theirs: int) -> Path:
    """A corpus of ``own`` chapters of the target and the same ``theirs`` others of every helper."""
    made = folder / f"{target}.corpus"
    if made.is_dir():
        return made
    text = {language: chapters(language) for language in (target, *helpers)}
    shared = sorted(set.intersection(*(set(each) for each in text.values())))
    order = [shared[each] for each in np.random.default_rng(1).permutation(len(shared))]
    if len(order) < own + theirs:
        raise SystemExit(f"expected {own + theirs} chapters that all have, found {len(order)}")
    raw = folder / f"{target}.raw"
    raw.mkdir(parents=True, exist_ok=True)
    for language, lines in text.items():
        names = order[:own] if language == target else order[own : own + theirs]
        (raw / f"{language}.jsonl").write_text("".join(lines[name] for name in names), encoding="utf-8")
    ingest([raw], made)
    return made


def main() -> None:
    """Make and run them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--targets", nargs="+", default=TARGETS)
    parser.add_argument("--helpers", nargs="+", default=HELPERS)
    parser.add_argument("--own", type=int, default=300, help="chapters of the target")
    parser.add_argument("--theirs", type=int, default=400, help="chapters of each helper")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--trials", type=int, default=1)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for target in asked.targets:
        helpers = [each for each in asked.helpers if each != target]
        corpus = corpus_for(target, helpers, asked.out, asked.own, asked.theirs)
        transfer(
            corpus,
            asked.out / target,
            tasks=("ic",),
            targets=(target,),
            settings=SETTINGS,
            arms=("alone", *(f"continued:{each}" for each in helpers)),
            pools=("unseen",),
            seeds=asked.seeds,
            trials=asked.trials,
            workers=1,
        )


if __name__ == "__main__":
    main()
