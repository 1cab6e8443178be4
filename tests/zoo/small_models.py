"""Models of a kind that the project does not know: a card, a manifest, and a file that stands for weights."""

import json
from collections.abc import Sequence
from pathlib import Path

from sprachbund.files import write_manifest
from sprachbund.lab.card import Card, Curve, Data, Made, Origin, Score, write_card

KIND, MANIFEST = "weather vane", "vane.json"


def seal_of(model: Path) -> str:
    """The hash in the seal of a model's manifest."""
    return str(json.loads((model / MANIFEST).read_text())["sha256"])


def make_model(
    folder: Path,
    languages: tuple[str, ...],
    *,
    text: str = "weights",
    started_from: Sequence[Path] = (),
    scores: tuple[Score, ...] = (),
    notes: str = "",
) -> Path:
    """A finished model in a new folder."""
    (folder / "parts").mkdir(parents=True)
    (folder / "parts" / "weights.bin").write_text(f"{text} of {','.join(languages)}")
    card = Card(
        folder.name,
        KIND,
        languages,
        data=(Data("almanac", "ab" * 32, "cc-by-4.0", 1_000),),
        parameters=len(text),
        scores=scores or (Score("hits", 0.5, language=languages[0], low=0.4, high=0.6, on="test"),),
        started_from=tuple(Origin(each.name, seal_of(each)) for each in started_from),
        curve=Curve("days", "hits", ((1.0, 0.25), (2.0, 0.5))),
        samples=("west, then north",),
        made=Made("0.1.0", "2026-01-30"),
        notes=notes,
    )
    write_card(card, folder)
    write_manifest(folder, MANIFEST, KIND, 1)
    return folder
