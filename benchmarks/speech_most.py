"""How well can a little Portuguese be heard, with everything that is allowed: many languages, our n-grams, patience?

    sprachbund speech ingest SPOKEN --shares 0.9,0.05,0.05 --set sampling_rate=16000 --out SOURCES
    sprachbund speech ingest PT --test-source cv6.1 --shares 0.35,0.2,0.45 --set sampling_rate=16000 --out TARGET
    sprachbund ingest NOVELS --out TEXT
    python benchmarks/speech_most.py SOURCES TARGET --text TEXT --out WORK [--seeds 1] [--epochs 9] [--rounds 2]

SPOKEN is a folder of recordings a language, all but the target's: here samples of Common Voice 6.1 in 29 languages with
Latin letters, and longer packs of six. All of it makes one recogniser, from which that of the target begins; each round
goes on with all sources from the one before, the rate rising and falling anew. The control hears the target's speech
alone for as long as all that a first round takes. Dev chooses a state and the weight of what is expected, test judges,
and neither chose anything else. The table goes to benchmarks/results/speech-most.md. Killed, it goes on.
"""

import argparse
from pathlib import Path

import torch

from sprachbund.speech.judging import judge
from sprachbund.speech.measures import RATES, rate_of
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.store import SpeechCorpus, Utterances
from sprachbund.speech.train import train_speech
from sprachbund.speech.transcribing import usual_beam

RESULTS = Path(__file__).parent / "results" / "speech-most.md"
MILD = {"dropout": 0.1, "time_masks": 1, "band_masks": 1}
"""As in the studies of the project."""


def row(name: str, seed: int, recogniser: Recogniser, test: Utterances, beam: int) -> str:
    """Error rates with their intervals."""
    table = judge(recogniser, test, beam)
    cells = []
    for _, edits, of in RATES:
        rate = rate_of(table, edits, of)
        cells.append(f"{rate.value:.3f} ({rate.low:.3f} to {rate.high:.3f})")
    line = f"| {name} | {seed} | {' | '.join(cells)} |"
    print(line, flush=True)
    return line


def main() -> None:
    """Train, judge, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--language", default="pt")
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=float, default=9.0, help="passes over the sources in a round")
    parser.add_argument("--rounds", type=int, default=2, help="trainings of the sources, each from the one before")
    parser.add_argument("--own-epochs", type=float, default=30.0, help="passes over the target's speech")
    parser.add_argument("--width", type=int, default=160)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    spoken, own = SpeechCorpus.open(asked.sources), SpeechCorpus.open(asked.target)
    code = own.language(asked.language)
    test = own.sides(code)["test"]
    train = {each: spoken.sides(each)["train"] for each in spoken.languages}
    voices = {name for part in train.values() for name in part.table["speaker"] if name}
    asked.out.mkdir(parents=True, exist_ok=True)
    lines = []
    for seed in range(1, asked.seeds + 1):
        start: Path | None = None
        shape = {**MILD, "width": asked.width, "channels": asked.width, "epochs": asked.epochs}
        for number in range(1, asked.rounds + 1):
            passes = f"{number * asked.epochs:g} passes"
            many = asked.out / f"sources-{seed}-{number}"
            heard = train_speech(spoken, spoken.languages, many, start=start, settings=shape, seed=seed)
            lines.append(row(f"{passes} of many languages, none of the target's speech", seed, heard, test, 0))
            made = train_speech(
                own, code, asked.out / f"{code}-{seed}-{number}", start=many, text=asked.text,
                settings={**MILD, "epochs": asked.own_epochs}, seed=seed,
            )  # fmt: skip
            lines.append(row("from it, likeliest letters", seed, made, test, 0))
            lines.append(row("from it, with our n-grams of letters", seed, made, test, usual_beam(made) or 16))
            start = many
        length = sum(part.seconds for part in train.values()) / own.sides(code)["train"].seconds
        alone = train_speech(
            own, code, asked.out / f"alone-{seed}", text=asked.text, seed=seed,
            settings={**shape, "epochs": round(asked.epochs * length + asked.own_epochs)},
        )  # fmt: skip
        name = f"the target's speech alone, for as long or until dev gains nothing: {alone.heard / 3600:.0f} hours"
        lines.append(row(name, seed, alone, test, 0))
    hours = sum(part.seconds for part in train.values()) / 3600
    said = f"Sources: {len(train)} languages, {hours:.1f} hours, {len(voices):,} known voices."
    own_minutes = own.sides(code)["train"].seconds / 60
    said += f" Target: {code}, {own_minutes:.1f} minutes, {asked.own_epochs:g} passes; judged on {len(test)}"
    said += f" utterances of {test.table['speaker'].n_unique()} unheard speakers. 95% intervals over speakers."
    said += " Rerun: see the script's head."
    head = "| | seed | letters wrong | words wrong |\n|---|--:|---|---|\n"
    RESULTS.write_text(f"# {code} with everything\n\n{said}\n\n{head}" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
