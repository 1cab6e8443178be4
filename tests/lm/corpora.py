"""Small corpora of made-up languages that spell alike, for language models."""

import json
from pathlib import Path

import numpy as np

from sprachbund import Corpus, ingest

ROOTS = ("cas", "libr", "mont", "cant", "port", "livr", "cam", "terr", "vent", "pedr", "flor", "camp", "pont", "fest")
ENDINGS = {
    "pt": ("a", "as", "ar", "ou"), "gl": ("o", "os", "er", "eu"), "fi": ("qy", "qk", "wz", "zq"),
    "es": ("a", "os", "ir", "an"), "ca": ("es", "em", "ia", "at"),
}  # fmt: skip


def sentence(language: str, generator: np.random.Generator) -> str:
    """Words of shared roots with the language's own endings; fi has roots of its own too."""
    words = []
    for _ in range(generator.integers(4, 9)):
        root = str(generator.choice(ROOTS))
        word = (root[::-1] if language == "fi" else root) + str(generator.choice(ENDINGS[language]))
        words.append(word)
    return " ".join(words).capitalize() + "."


def make_corpus(folder: Path, documents: dict[str, int], sentences: int = 12) -> Corpus:
    """Documents of some languages."""
    generator = np.random.default_rng(5)
    source = folder / "source.jsonl"
    with source.open("w", encoding="utf-8") as out:
        for language, count in documents.items():
            for number in range(count):
                text = " ".join(sentence(language, generator) for _ in range(sentences))
                record = {"id": f"{language}{number}", "lang": language, "sections": [{"paragraphs": [text]}]}
                out.write(json.dumps(record) + "\n")
    ingest([source], folder / "corpus")
    return Corpus.open(folder / "corpus")
