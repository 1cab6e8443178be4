"""Documents of one language that stay whole, and documents of two that are parted.

    python benchmarks/detection_parts.py         # reads ../shared/data, or the folder in SPRACHBUND_DATA

Whole: up to 8 documents of more than 1,500 characters from each file of `wikipedia`, `ud_text` and `other_text`. Mixed:
of each of these and one in another language the first eight paragraphs of 60 letters or more, two of the one and two of
the other in turn. Said: how many documents have the right language, how many lost a paragraph to another, how many
paragraphs of the mixed ones are in theirs. Nothing is chosen on these.
"""

import gzip
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from detection_data import code_of
from sprachbund.corpus import segment
from sprachbund.corpus.identification.parts import part
from sprachbund.corpus.sources.documents import RawSection

DATA = Path(os.environ.get("SPRACHBUND_DATA") or Path(__file__).parents[2] / "shared" / "data")
EACH, LEAST, LETTERS, TURNS = 8, 1_500, 60, 4


def documents() -> Iterator[tuple[str, list[str]]]:
    """Languages and paragraphs of documents."""
    for folder in ("wikipedia", "ud_text", "other_text"):
        for path in sorted((DATA / folder).glob("*.jsonl.gz")):
            taken = 0
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                for line in lines:
                    document = json.loads(line)
                    texts = []
                    for section in document["sections"]:
                        texts += section.get("paragraphs") or [" ".join(each) for each in section.get("sentences", [])]
                    if sum(map(len, texts)) > LEAST and len(texts) > 2 and taken < EACH:
                        taken += 1
                        yield code_of(document["lang"]) or document["lang"], texts


def main() -> None:
    found = list(documents())
    part([RawSection("", tuple(found[0][1]))])  # loads the models
    size = sum(len(text.encode()) for _, texts in found for text in texts) / 1e6
    start = time.process_time()
    parts = [part([RawSection("", tuple(texts))]) for _, texts in found]
    took = time.process_time() - start
    start = time.process_time()
    for language, texts in found:
        for text in texts:
            segment.sentences(segment.normalise(text), language)
    segmenting = time.process_time() - start
    right = sum(one[0].code == language for one, (language, _) in zip(parts, found, strict=True))
    lost = sum(len(one) > 1 for one in parts)
    print(f"whole: {len(found)} documents, {size:.1f} MB: {right} in the right language, {lost} parted")
    print(f"seconds of a core for a MB: {took / size:.2f}, of segmenting the same {segmenting / size:.2f}")
    long = [(code, [t for t in texts if sum(map(str.isalpha, t)) >= LETTERS][: 2 * TURNS]) for code, texts in found]
    long = [(code, texts) for code, texts in long if len(texts) == 2 * TURNS]
    good = paragraphs = mixed = 0
    for (first, ones), (second, others) in zip(long, long[EACH:], strict=False):
        if first == second:
            continue
        turns = []
        for place in range(0, 2 * TURNS, 2):
            turns += [(first, text) for text in ones[place : place + 2]]
            turns += [(second, text) for text in others[place : place + 2]]
        where = {
            text: each.code
            for each in part([RawSection("", tuple(text for _, text in turns))])
            for section in each.sections
            for text in section.paragraphs
        }
        good += sum(where.get(text) == code for code, text in turns)
        paragraphs += len(turns)
        mixed += 1
    print(f"mixed: {mixed} documents, {paragraphs} paragraphs, {100 * good / paragraphs:.1f}% in their language")


if __name__ == "__main__":
    main()
