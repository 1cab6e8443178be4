"""The card of a recogniser: what it heard, of whom and under which licences, how wrongly it writes, what it began from.

Data are told by source, for a corpus of speech is of several: who shares a recogniser must know each one's licence. The
licences of all that its weights ever learned from, those of its starts included, and how much of it is synthetic, go
with the recogniser itself, see `heard_of`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.files import content_hash, package_version, read_manifest
from sprachbund.lab.card import Card, Curve, Data, Made, Origin, Score
from sprachbund.speech.judging import judge
from sprachbund.speech.licences import UNKNOWN, free, licences_in
from sprachbund.speech.measures import RATES, rate_of
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.saved import FORMAT, KIND, MANIFEST
from sprachbund.speech.store import Utterances

__all__ = ["heard_of", "origin_of", "recogniser_card"]

LICENCES, SYNTHETIC = "licences", "synthetic"
"""In `Recogniser.about`: of all that it, or what it was started from, learned from; seconds of it that no one spoke."""
BEAM = 16
_SAMPLES, _MOST = 3, 50


def heard_of(train: Sequence[Utterances], start: Recogniser | None) -> dict[str, Any]:
    """Of all that a recogniser and its starts learned from: the licences, sorted, and the synthetic seconds."""
    # a start may come from anybody
    said, before = ((), 0.0) if start is None else (start.about.get(LICENCES), start.about.get(SYNTHETIC, 0.0))
    inherited = [str(each)[:100] for each in said[:_MOST]] if isinstance(said, list | tuple) else [UNKNOWN]
    licences = sorted({*inherited, *(each for part in train for each in licences_in(part.table["licence"]))})
    seconds = sum(float(part.table.filter("synthetic")["seconds"].sum()) for part in train)
    seconds += float(before) if isinstance(before, int | float) and 0 <= before < 1e12 else 0.0
    return {LICENCES: licences} | ({SYNTHETIC: round(seconds, 3)} if seconds else {})


def origin_of(start: Recogniser | Path | str) -> Origin:
    """What a start is called, and which it is."""
    if isinstance(start, Recogniser):
        return Origin("+".join(start.languages), str(start.about.get("work", "")))
    manifest = read_manifest(Path(start), MANIFEST, KIND, FORMAT)
    return Origin(Path(start).resolve().name, str(manifest["sha256"]))


def recogniser_card(
    made: Recogniser,
    sides: Mapping[str, Mapping[str, Utterances]],
    *,
    name: str,
    recipe: str,
    started_from: Origin | None = None,
    text: Data | None = None,
) -> Card:
    """The card of a recogniser, which is judged for it.

    Args:
        sides: by language and side. recipe: the hash of all that it was made by.
        started_from: what it went on from. text: that says what it expects, beside the transcripts.
    """
    scores: list[Score] = []
    samples: list[str] = []
    for own in sides.values():
        part, on = (own["test"], "test") if len(own["test"]) else (own["dev"], "dev, by which it was chosen")
        if not len(part):
            continue
        beams = (0, BEAM) if made.expectations is not None and made.expectations.weight else (0,)
        for beam in beams:
            table = judge(made, part, beam)
            scores += _scores(table, part.language, on, ", with expected letters" if beam else "")
            if not beam:
                samples += [f"{row['said']}\n{row['written']}" for row in table.head(_SAMPLES).to_dicts()]
    train = [own["train"] for own in sides.values()]
    data = [each for part in train for each in _sources(part)]
    curve = Curve("seconds of speech heard", "character error rate on dev",
                  tuple((float(heard), value) for heard, value, _ in made.curve))  # fmt: skip
    return Card(
        name=name, kind=KIND, languages=made.languages, data=(*data, *((text,) if text is not None else ())),
        parameters=made.parameters, scores=tuple(scores), recipe=recipe,
        started_from=(started_from,) if started_from is not None else (), curve=curve, samples=tuple(samples),
        made=Made(package_version(), date.today().isoformat()), notes=_notes(made, train),
    )  # fmt: skip


def _sources(part: Utterances) -> list[Data]:
    """The sources of the training speech of a language."""
    found = []
    for (source, synthetic), own in part.table.sort("sha256").group_by(["source", "synthetic"], maintain_order=True):
        licences = licences_in(own["licence"])
        rows = [list(row) for row in own.select("sha256", "letters", "speaker").rows()]
        found.append(
            Data(
                f"{source or 'speech'} ({part.language}{', synthetic' * synthetic})", content_hash([part.rate, rows]),
                "" if licences == (UNKNOWN,) else ", ".join(licences)[:200], int(own["letters"].str.len_chars().sum()),
                round(float(own["seconds"].sum()), 3), len({speaker for speaker in own["speaker"] if speaker}),
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: each.name)


def _notes(made: Recogniser, train: Sequence[Utterances]) -> str:
    own = made.settings.features
    minutes = sum(float(part.table.filter(~pl.col("synthetic"))["seconds"].sum()) for part in train) / 60
    speakers = {speaker for part in train for speaker in part.table["speaker"] if speaker}
    heard = f"It hears {own.sampling_rate:,} samples a second in {own.mels} mel bands, and learned from {minutes:,.1f} "
    heard += f"minutes of {len(speakers):,} known speaker{'s' * (len(speakers) != 1)}."
    if synthetic := made.about.get(SYNTHETIC):
        heard += f" It, or what it was started from, also learned from {synthetic / 60:,.1f} minutes of synthetic "
        heard += "speech, which a program spoke."
    licences = made.about.get(LICENCES, [UNKNOWN])
    other = [each for each in licences if not free([each])]
    every = "all recordings that it, or what it was started from, learned from are CC0, CC BY or CC BY-SA"
    if not other:
        return f"{heard}\n\nShareable: {every} ({', '.join(licences)})."
    return f"{heard}\n\nNot to be given away without a look: not {every}, for there is {', '.join(other)}."


def _scores(table: pl.DataFrame, language: str, on: str, how: str) -> list[Score]:
    found = []
    for measure, edits, of in RATES:
        rate = rate_of(table, edits, of)
        found.append(Score(f"{measure}{how}", rate.value, "", "lower", language, *rate.ends, on))
    return found
