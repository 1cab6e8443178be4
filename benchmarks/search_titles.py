"""What titles and headings bring an index on dev: sentences taken out of documents must find their passage.

    python benchmarks/search_titles.py --corpus CORPUS --model MODEL [--languages en,de]

The corpus and the encoder are those of `search_quality.py`, whose folder has both. Prints a line a language: queries,
and the MRR of BM25 and of hybrid with the index's weights, without titles, with them, and with headings besides.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from sprachbund import Corpus, Encoder
from sprachbund.search.fusion import default_fusion
from sprachbund.search.passages import Document
from sprachbund.search.tuning import held_out, take_out, try_weights

QUERIES, SENTENCES = 400, 5


def headed(document: Document) -> Document:
    """Each section's heading as its first sentence."""
    texts, sections = [], []
    for number, (text, section) in enumerate(zip(document.texts, document.sections, strict=True)):
        first = number == 0 or document.sections[number - 1] != section
        heading = document.headings[section] if section < len(document.headings) else ""
        if first and heading and heading != document.title:
            texts.append(heading)
            sections.append(section)
        texts.append(text)
        sections.append(section)
    return replace(document, texts=texts, sections=sections)


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--languages", default="en,de,ko,ja,tr,vi,id,zh")
    options = parser.parse_args()
    encoder, corpus = Encoder.load(options.model), Corpus.open(options.corpus)
    start = default_fusion(encoder)
    weights = [(0.0, 1.0), (start.dense, start.own)]
    for language, documents in held_out(encoder, corpus, options.languages.split(",")).items():
        left, removed = take_out(documents, language, QUERIES)
        kinds = {
            "none": [replace(document, title="") for document in left],
            "titles": left,
            "headings too": [headed(document) for document in left],
        }
        found = {
            name: try_weights(encoder, start, language, given, removed, SENTENCES, weights)
            for name, given in kinds.items()
        }
        lines = [
            f"{name} {values[0]:.3f} {values[1]:.3f} ({np.array2string(values / found['none'] - 1, precision=3)})"
            for name, values in found.items()
        ]
        print(f"{language} {len(removed)} queries: {'; '.join(lines)}", flush=True)


if __name__ == "__main__":
    main()
