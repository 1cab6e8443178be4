"""Sentence segmentation beside its parts, on the gold sentences of Universal Dependencies.

    python benchmarks/segmentation.py            # reads ../shared/data, or the folder in SPRACHBUND_DATA

The gold sentences of a paragraph are joined with a space and segmented again. A boundary counts as
found where the same characters, whitespace aside, stand before it; the end of a paragraph is no
boundary. Precision, recall and F1 are over the boundaries of a language, the macro average over
languages.

Two sets: `ud_text`, whole documents of 17 languages, on which the rules of ``segment.py`` were chosen;
and the test files of `ud` in the other languages, ten sentences a paragraph where a file marks none,
many of them shuffled. Three rules were suggested by a look at that second set, so it is not quite
unseen: a dash after a full stop (hu, pl, no), lower case after a full stop (la), the colon as a full
stop (hy). Japanese is left out of it: each of its documents is one sentence.
"""

import gzip
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import sentencex
from icu4py.breakers import SentenceBreaker

from sprachbund.corpus.segment import sentences

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
REPEATS = 3
SYSTEMS: dict[str, Callable[[str, str], list[str]]] = {
    "sentencex": lambda text, language: list(sentencex.segment(language, text)),
    "ICU": lambda text, language: list(SentenceBreaker(text, language)),
    "sprachbund": sentences,
}


@dataclass(frozen=True)
class Score:
    """One system on one language; speed in MB of UTF-8 a second on one core, the median of three passes."""

    data: str
    language: str
    system: str
    gold: int
    precision: float
    recall: float
    f1: float
    mb_per_second: float


def documents_of_ud_text(folder: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """Each language with its paragraphs, each a list of gold sentences."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            sections = [section for line in lines for section in json.loads(line)["sections"]]
        yield (
            path.name.split(".")[0],
            [paragraph for section in sections for paragraph in section["sentences"]],
        )


def paragraphs_of_ud(folder: Path, without: set[str]) -> Iterator[tuple[str, list[list[str]]]]:
    """The same from CoNLL-U files whose sentences have their text, for languages not in ``without``."""
    for path in sorted(folder.glob("*.conllu.gz")):
        language = path.name.split(".")[0]
        if language in without:
            continue
        paragraphs: list[list[str]] = [[]]
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith(("# newdoc", "# newpar")) or len(paragraphs[-1]) == 10:
                    paragraphs.append([])
                if line.startswith("# text = "):
                    paragraphs[-1].append(line.removeprefix("# text = ").strip())
        paragraphs = [paragraph for paragraph in paragraphs if paragraph]
        if paragraphs:
            yield language, paragraphs


def boundaries(pieces: list[str]) -> set[int]:
    """How many characters that are not whitespace stand before each boundary inside the text."""
    ends, count = [], 0
    for piece in pieces:
        length = len("".join(piece.split()))
        if length:
            count += length
            ends.append(count)
    return set(ends[:-1])


def score(data: str, language: str, paragraphs: list[list[str]], system: str) -> Score:
    """One system on all paragraphs of a language."""
    segment = SYSTEMS[system]
    texts = [" ".join(paragraph) for paragraph in paragraphs]
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        found = [segment(text, language) for text in texts]
        seconds.append(time.perf_counter() - start)
    right = wrong = gold = 0
    for paragraph, pieces in zip(paragraphs, found, strict=True):
        expected, actual = boundaries(paragraph), boundaries(pieces)
        gold += len(expected)
        right += len(expected & actual)
        wrong += len(actual - expected)
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / gold if gold else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    size = sum(len(text.encode()) for text in texts) / 1e6
    speed = size / sorted(seconds)[REPEATS // 2]
    return Score(data, language, system, gold, precision, recall, f1, speed)


def table(scores: list[Score], data: str) -> str:
    """The rows of one data set in Markdown, with the macro average below."""
    names = list(SYSTEMS)
    lines = [
        "| language | boundaries | " + " | ".join(f"{name} P / R / F1 | MB/s" for name in names) + " |",
        "|---|" + "---:|" * (1 + 2 * len(names)),
    ]
    chosen = [one for one in scores if one.data == data]
    for language in sorted({one.language for one in chosen}):
        row = {one.system: one for one in chosen if one.language == language}
        best = max(one.f1 for one in row.values())
        lines.append(f"| {language} | {row[names[0]].gold} | " + " | ".join(_cell(row[n], best) for n in names) + " |")
    means = [_mean([one for one in chosen if one.system == name]) for name in names]
    best = max(one.f1 for one in means)
    lines.append("| **macro** | | " + " | ".join(_cell(one, best) for one in means) + " |")
    return "\n".join(lines)


def _cell(one: Score, best: float) -> str:
    f1 = f"**{one.f1:.3f}**" if one.f1 == best else f"{one.f1:.3f}"
    return f"{one.precision:.3f} / {one.recall:.3f} / {f1} | {one.mb_per_second:.1f}"


def _mean(scores: list[Score]) -> Score:
    n, first = len(scores), scores[0]
    precision, recall = sum(s.precision for s in scores) / n, sum(s.recall for s in scores) / n
    speed = sum(s.mb_per_second for s in scores) / n
    f1 = sum(s.f1 for s in scores) / n
    return Score(first.data, "macro", first.system, 0, precision, recall, f1, speed)


def main() -> None:
    """Score all, write the table and the JSON."""
    data = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data")).resolve()
    if not (data / "ud_text").is_dir():
        sys.exit(f"no gold sentences at {data / 'ud_text'}; name another folder in SPRACHBUND_DATA")
    seen = list(documents_of_ud_text(data / "ud_text"))
    other = list(paragraphs_of_ud(data / "ud", {language for language, _ in seen} | {"ja"}))
    scores = [
        score(name, language, paragraphs, system)
        for name, sets in (("ud_text", seen), ("ud", other))
        for language, paragraphs in sets
        for system in SYSTEMS
    ]
    text = (
        "# Sentence segmentation\n\n"
        "Boundary precision / recall / F1, and MB of UTF-8 a second on one core (median of three passes;\n"
        "answers about abbreviations are kept after the first). Headings and list items without a full stop\n"
        "are gold sentences too, which nobody can find.\n"
        f"Made by `benchmarks/segmentation.py` with Python {platform.python_version()}.\n\n"
        "## Whole documents (`ud_text`), on which the rules were chosen\n\n"
        f"{table(scores, 'ud_text')}\n\n"
        "## Other languages (`ud` test files), mostly shuffled sentences, ten a paragraph\n\n"
        "Three rules were suggested by these: a dash (hu, pl, no) or lower case (la) after a full stop, and\n"
        "the colon as a full stop (hy). The others were chosen without them. Japanese is left out: one\n"
        "sentence a document.\n\n"
        f"{table(scores, 'ud')}\n"
    )
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "segmentation.md").write_text(text, encoding="utf-8")
    rows = json.dumps([asdict(one) for one in scores], indent=1)
    (RESULTS / "segmentation.json").write_text(rows + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
