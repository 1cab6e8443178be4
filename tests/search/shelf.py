"""Documents, encoders and indexes for the tests of search, and BM25 over passages in plain Python."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund import Index
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.store import Corpus
from sprachbund.retrieval.settings import Surroundings
from sprachbund.search.fusion import Fusion
from sprachbund.search.passages import Document
from sprachbund.search.scoring import Collection, Saturation, Terms

FUSION = Fusion(character_weight=0.25, dense=0.5, own=0.5, surroundings=Surroundings(6, 0.8, 0.3))
"""Weights that use every part; those tuned on a handful of sentences may leave the encoder out."""

OTHERS = [
    {
        "id": "ja-umi",
        "lang": "ja",
        "title": "海",
        "sections": [
            {"title": "水", "sentences": [["海の水は塩からい。", "川の水は海に流れる。", "魚は海に住んでいる。"]]},
            {"title": "船", "sentences": [["船は港を出て海を渡る。", "東京の港は大きい。"]]},
        ],
    },
    {
        "id": "th-nam",
        "lang": "th",
        "title": "น้ำ",
        "sections": [{"title": "", "sentences": [["น้ำทะเลมีรสเค็ม", "แม่น้ำไหลลงสู่ทะเล", "ปลาอาศัยอยู่ในน้ำ"]]}],
    },
]
"""Two scripts without spaces."""


SPOKEN = (
    "a o que e de do da em um para com uma os no se na por mais as dos como mas ao ele das seu sua ou quando "
    "muito nos já também só pelo pela até isso ela entre depois sem mesmo aos seus quem nas me esse eles você "
    "essa num nem suas meu às minha numa pelos elas cidade rio mar"
)
COMMON = SPOKEN.split()
"""Words that the sample knows, some of them."""


@dataclass(frozen=True)
class Library:
    """A corpus, the folder of an encoder of it, and an index of both that no test changes."""

    corpus: Corpus
    model: Path
    index: Index


def make_corpus(sample: Path, folder: Path) -> Corpus:
    """The sample corpus and `OTHERS`."""
    extra = folder / "others.jsonl"
    extra.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in OTHERS), encoding="utf-8")
    ingest([sample, extra], folder / "corpus", workers=1)
    return Corpus.open(folder / "corpus")


def document(name: str, *sections: Sequence[str], title: str = "") -> Document:
    """A document of sections of sentences; its digest is its content."""
    texts = [text for section in sections for text in section]
    numbers = [number for number, section in enumerate(sections) for _ in section]
    headings = [f"part {number}" for number in range(len(sections))]
    return Document(name, title, headings, json.dumps([list(s) for s in sections]), texts, numbers)


def talk(count: int, seed: int = 0, sentences: int = 8) -> list[Document]:
    """Documents of words in no order, the frequent ones more often, two sections each."""
    generator = np.random.default_rng(seed)
    frequency = 1 / np.arange(1, len(COMMON) + 1)
    frequency /= frequency.sum()

    def sentence() -> str:
        return " ".join(COMMON[i] for i in generator.choice(len(COMMON), generator.integers(3, 9), p=frequency)) + "."

    return [
        document(f"d{number}", *([sentence() for _ in range(generator.integers(1, sentences))] for _ in range(2)))
        for number in range(count)
    ]


def same_hits(one: Sequence[Any], other: Sequence[Any], tolerance: float = 1e-4) -> None:
    """The same passages at the same scores; only where scores are level may the order differ."""
    assert len(one) == len(other)
    np.testing.assert_allclose([hit.score for hit in one], [hit.score for hit in other], atol=tolerance)
    left, right = ({hit.key: hit for hit in hits} for hits in (one, other))
    last = min((hit.score for hit in one), default=0.0)
    for key in {*left, *right}:
        if key in left and key in right:
            assert abs(left[key].score - right[key].score) <= tolerance, key
            shown = [{**hit.to_dict(), "rank": 0, "score": 0, "parts": {}} for hit in (left[key], right[key])]
            assert shown[0] == shown[1]
            for name, value in left[key].parts.items():
                assert abs(value - right[key].parts[name]) <= tolerance
        else:  # of passages at the last score any may be among the k
            assert abs((left.get(key) or right[key]).score - last) <= tolerance


def around(low: Any, high: Any, sections: Any, fading: Any, across: float, j: int) -> dict[int, float]:
    """What passage j counts of each passage of its document, straight from the definition."""
    counted = {}
    for p in range(int(low[j]), int(high[j])):
        if abs(p - j) < len(fading):
            counted[p] = float(fading[abs(p - j)]) * (1.0 if sections[p] == sections[j] else across)
    return counted


def bm25_by_hand(collection: Collection, terms: Terms, saturation: Saturation) -> np.ndarray:
    """What each term adds to every passage: float64 [passages, terms]; 0 for deleted ones."""
    c, p = collection, collection.postings
    scores = np.zeros((len(c.low), len(terms.places)))
    for t, place in enumerate(terms.places.tolist()):
        held = dict(
            zip(
                p.passages[p.offsets[place] : p.offsets[place + 1]].tolist(),
                p.counts[p.offsets[place] : p.offsets[place + 1]].tolist(),
                strict=True,
            )
        )
        f = int(terms.features[t])
        k1, b, mean = (float(array[f]) for array in (saturation.k1, saturation.b, saturation.mean))
        for j in range(len(c.low)):
            if c.dead[j]:
                continue
            near = around(c.low, c.high, c.sections, c.fading, float(c.across), j)
            tf = sum(weight * held.get(q, 0) for q, weight in near.items())
            norm = k1 * (1 - b + b * float(c.lengths[f, j]) / mean)
            scores[j, t] = float(terms.weights[t]) * tf / (tf + norm) if tf else 0.0
    return scores


def count_words(texts: Sequence[str]) -> Counter[str]:
    """Lower-cased words between blanks and full stops."""
    return Counter(word for text in texts for word in text.lower().replace(".", " ").split())
