"""The card of an encoder, made of what its manifest says; and sentences that show what it learned."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.lab.card import Card, Curve, Data, Made, Origin, Score
from sprachbund.retrieval.encoder.card import told_of_start
from sprachbund.retrieval.encoder.encoder import KIND, Encoder
from sprachbund.retrieval.settings import TASK_NAMES
from sprachbund.retrieval.starting import going_on

__all__ = ["KIND", "card_and_hashes", "data_of"]

MEASURES = (("mrr", "MRR"), ("recall@1", "recall@1"), ("recall@10", "recall@10"))
CORPUS = "corpus"
"""What the text of an encoder is called, which has no name of its own."""
_SHOWN, _NEAREST, _KNOWN, _TOO_FREQUENT = 6, 4, 2_000, 100
_MOST_POINTS = 1_000


def card_and_hashes(folder: Path, manifest: Mapping[str, Any]) -> tuple[Card, tuple[str, ...]]:
    """The card, and the hashes by which a start is named: of the work, and of n-grams, rows and shape.

    Raises:
        FolderError: the encoder is damaged.
    """
    encoder = Encoder.load(folder)
    about = encoder.about
    rows = len(encoder.table)
    going = going_on(encoder, "same", 0.0)
    assert going is not None
    task = about.get("task")
    trained = f", trained by {TASK_NAMES[task]}" if task in TASK_NAMES else ""
    notes = [f"A bag of n-grams with {rows:,} vectors of {encoder.dim} numbers{trained}."]
    notes += [told_of_start(about["start"])] if "start" in about else []
    card = Card(
        name=folder.resolve().name,
        kind=KIND,
        languages=tuple(about.get("languages", ())),
        data=(Data(CORPUS, about["corpus"]),) if about.get("corpus") else (),
        parameters=rows * encoder.dim,
        scores=tuple(_scores(about.get("scores", []))),
        recipe=about.get("work", ""),
        started_from=_started(about.get("start")),
        curve=_curve(about.get("curve", [])),
        samples=tuple(_samples(encoder)),
        made=Made(str(manifest.get("written_by", ""))),
        notes="\n\n".join(notes),
    )
    work = about.get("work", "")
    return card, (*((work,) if len(work) == 64 else ()), going.hash)


def _scores(rows: list[Mapping[str, Any]]) -> list[Score]:
    found = []
    for row in rows:
        on = f"{row.get('side', 'dev')}, {row['queries']:,} queries among {row['candidates']:,} candidates"
        found += [
            Score(title, float(row[key]), language=row["language"], on=f"{on} ({row.get('pool', 'unseen')})")
            for key, title in MEASURES
        ]
    return found


def _started(start: Mapping[str, Any] | None) -> tuple[Origin, ...]:
    if start is None:
        return ()
    return (Origin(start["name"] or "a model in memory", start.get("work") or start["hash"]),)


def _curve(points: list[tuple[int, float]]) -> Curve | None:
    if not points:
        return None
    kept = points[:: max(1, len(points) // _MOST_POINTS)][:_MOST_POINTS]
    return Curve("batches", "MRR on dev", tuple((float(x), float(y)) for x, y in kept))


def _samples(encoder: Encoder) -> list[str]:
    """Words and those that are nearest to them by their vectors: frequent ones, the most frequent left out."""
    strings, orders = encoder.vocabulary.strings, encoder.vocabulary.orders
    words = [strings[int(row)] for row in np.flatnonzero(orders == 1)[:_KNOWN]]
    if len(words) <= _NEAREST:
        return []
    vectors = encoder.encode(words)
    first = min(_TOO_FREQUENT, len(words) // 4)
    found = []
    for at in np.linspace(first, len(words) // 2, _SHOWN).astype(int).tolist():
        order = np.argsort(-(vectors @ vectors[at]), kind="stable")
        near = [words[other] for other in order.tolist() if other != at][:_NEAREST]
        found.append(f"{words[at]}: {', '.join(near)}")
    return list(dict.fromkeys(found))


def data_of(corpus: Path, sha256: str, languages: tuple[str, ...], licence: str) -> tuple[Data, ...]:
    """The sources of the corpus that a model learned from, by name.

    Args:
        sha256: of the text, as the card has it. licence: of the text, as the caller says.

    Raises:
        SettingsError: the corpus is another one. FolderError: it is none, or damaged.
    """
    from sprachbund.corpus.store import Corpus
    from sprachbund.errors import SettingsError

    opened = Corpus.open(corpus, check=False)
    if opened.content_hash(list(languages)) != sha256:
        raise SettingsError(f"{corpus}: another text than the model learned from; name the corpus of its training")
    characters = sum(opened.counts[language]["characters"] for language in languages)
    names = sorted({str(source["name"]) for source in opened.sources})
    name = names[0] if len(names) == 1 else f"{corpus.resolve().name}: {', '.join(names[:20])}"
    return (Data(name, sha256, licence, characters),)
