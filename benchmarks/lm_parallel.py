"""Which language is foretold best? By bits per byte, per character and per parallel sentence, in five scripts.

    python benchmarks/lm_parallel.py [--work FOLDER] [--characters 300000]

Text: ``wikipedia``, ``udhr`` and ``bible`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data). N-grams of each
language from so many characters of Wikipedia, the order chosen on dev, are asked about the paragraphs of the
Declaration of Human Rights and the verses of Mark. Then n-grams of the *same* chapters in all languages, as many as
have so many characters in English, none of them of a gospel, are asked about Mark: what is learned from is the same
there too. Models of one text are compared with one another, never with those of the other. Writes
benchmarks/results/lm-parallel.md; about three minutes of a core.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

import across_udhr
from sprachbund import Corpus, ingest
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.ngram.characters import choose_order
from sprachbund.lm.parallel import ParallelScore, score_parallel
from sprachbund.lm.parallel_text import ParallelText, read_parallel
from sprachbund.lm.sides import sides_of
from sprachbund.lm.text import as_read

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
OUT = ROOT / "benchmarks" / "results" / "lm-parallel.md"
UDHR = {"en": "eng", "de": "deu", "vi": "vie", "el": "ell_monotonic", "uk": "ukr", "ko": "kor", "ja": "jpn"}
"""Languages that all three have; Latin, Greek, Cyrillic, Hangul, kanji with kana."""
WIKIPEDIA = "en.gensim de.wikiextractor vi.wikiextractor el.dump100k uk.dump100k ko.wikiextractor ja.dump100k"
GOSPELS = ("Matt.", "Mark.", "Luke.", "John.")
JUDGED = "Mark."
ARTICLES = 30


def corpora(work: Path) -> tuple[Corpus, Corpus]:
    """Wikipedia and the Bible in the languages."""
    sources = {
        "wikipedia": [DATA / "wikipedia" / f"{name}.jsonl.gz" for name in WIKIPEDIA.split()],
        "bible": sorted(path for code in UDHR for path in (DATA / "bible").glob(f"{code}.*.jsonl.gz")),
    }
    for name, files in sources.items():
        if not (work / name).exists():
            ingest(files, work / name)
    return Corpus.open(work / "wikipedia"), Corpus.open(work / "bible")


def declaration(work: Path) -> Path:
    """A table of the articles, a row each."""
    across_udhr.FILES.update(UDHR)
    columns = {code: across_udhr.every_article(code)[-ARTICLES:] for code in UDHR}
    rows = ["\t".join(columns)]
    rows += ["\t".join(" ".join(lines) for lines in article) for article in zip(*columns.values(), strict=True)]
    (work / "udhr.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return work / "udhr.tsv"


def of_wikipedia(corpus: Corpus, characters: int) -> list[LanguageModel]:
    """N-grams of so many characters a language."""
    found = []
    for code in UDHR:
        sides = sides_of(corpus, code, characters=characters)
        found.append(LanguageModel(code, (choose_order(sides.train.texts, sides.dev.texts, code),)))
    return found


def of_chapters(corpus: Corpus, characters: int) -> list[LanguageModel]:
    """N-grams of the same chapters, drawn once for all; every tenth chooses the order."""
    chapters: dict[str, dict[str, str]] = {}
    for code in UDHR:
        grouped = corpus.read(code, ("group", "text")).group_by("group").agg(pl.col("text").str.join(" "))
        chapters[code] = dict(zip(grouped["group"].to_list(), grouped["text"].to_list(), strict=True))
    shared = sorted(
        group for group in chapters["en"]
        if not group.startswith(GOSPELS) and all(group in own for own in chapters.values())
    )  # fmt: skip
    drawn: list[str] = []
    for number in np.random.default_rng(0).permutation(len(shared)):
        if sum(len(chapters["en"][group]) for group in drawn) >= characters:
            break
        drawn.append(shared[number])
    found = []
    for code in UDHR:
        texts = [as_read(chapters[code][group]) for group in drawn]
        train = [text for number, text in enumerate(texts) if number % 10]
        found.append(LanguageModel(code, (choose_order(train, texts[::10], code),)))
    return found


def mark(corpus: Corpus) -> ParallelText:
    """The verses of the gospel that all languages have."""
    whole = read_parallel(corpus.path, list(UDHR))
    texts = corpus.read("en", ("group", "text"))
    of_mark = set(texts.filter(pl.col("group").str.starts_with(JUDGED))["text"].str.strip_chars().to_list())
    kept = [number for number, text in enumerate(whole.sentences["en"]) if text in of_mark]
    kept_texts = {code: tuple(column[number] for number in kept) for code, column in whole.sentences.items()}
    return ParallelText(kept_texts, whole.groups[kept])


def rows_of(models: Sequence[LanguageModel], text: ParallelText) -> list[str]:
    """A row a language, the order by each measure beside."""
    told = score_parallel(models, text)

    def place(one: ParallelScore, by: str) -> int:
        return 1 + sum(getattr(each, by) < getattr(one, by) for each in told)

    rows = []
    for model, each in zip(models, told, strict=True):
        beside = "" if each is told[0] else f"{each.beside:+.1f}% [{each.beside_low:+.1f}, {each.beside_high:+.1f}]"
        rows.append(
            f"| {each.language} | {model.ngrams[0].characters:,} | {each.per_sentence:.1f} [{each.low:.1f}, "
            f"{each.high:.1f}] ({place(each, 'per_sentence')}) | {beside} | {each.per_byte:.3f} "
            f"({place(each, 'per_byte')}) | {each.per_character:.3f} ({place(each, 'per_character')}) | "
            f"{each.bytes:.0f} |"
        )
    return rows


HEAD = [
    "| language | characters learned from | bits per sentence | beside en | bits per byte | per character | "
    "bytes a sentence |",
    "|---|--:|--:|--:|--:|--:|--:|",
]


def main() -> None:
    """Train, ask, write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("parallel"))
    parser.add_argument("--characters", type=int, default=300_000)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    wikipedia, bible = corpora(asked.work)
    own = of_wikipedia(wikipedia, asked.characters)
    articles, verses = read_parallel(declaration(asked.work), list(UDHR)), mark(bible)
    lines = [
        "# Bits per parallel sentence",
        "",
        "Character n-grams alone (Kneser-Ney, the order by dev). In brackets the 95% interval over sentences (of",
        "verses: over chapters and their verses), of *beside en* from the same draws; in parentheses the place by that",
        "measure, 1 the fewest bits. As many characters are not as much content in all scripts: the last table has the",
        "same chapters in all languages.",
        "Rerun: `python benchmarks/lm_parallel.py`.",
        "",
        f"## Wikipedia, asked about {len(articles)} articles of the Declaration of Human Rights",
        "",
        *HEAD,
        *rows_of(own, articles),
        "",
        f"## Wikipedia, asked about {len(verses):,} verses of Mark",
        "",
        *HEAD,
        *rows_of(own, verses),
        "",
        f"## The same chapters of the Bible, asked about {len(verses):,} verses of Mark",
        "",
        *HEAD,
        *rows_of(of_chapters(bible, asked.characters), verses),
    ]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
