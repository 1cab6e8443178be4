"""An English recogniser of ours beside pocketsphinx, whose wheel ships an English model: errors and time on one test.

    pip install pocketsphinx
    sprachbund speech ingest CLIPS --out WIDE --set sampling_rate=16000       # what pocketsphinx hears
    python benchmarks/speech_peers.py EN CORPUS WIDE [--most 60]

EN is a recogniser that `speech train` made of CORPUS; the clips are those of CORPUS's test side, which it has not
heard. Errors are sums over sums, in letters and words after the same spelling, with 95% intervals over speakers. Time
is processor time on one thread for a second of speech. pocketsphinx learned from hundreds of hours and expects words
of a large dictionary; ours learned from what CORPUS has. The table goes to benchmarks/results/speech-peers.md.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pocketsphinx
import torch

from sprachbund.speech.judging import judged
from sprachbund.speech.measures import rate_of
from sprachbund.speech.spelling import spelled
from sprachbund.speech.store import SpeechCorpus, Utterances
from sprachbund.speech.transcribing import Hearing, opened, usual_beam

OUT = Path(__file__).parent / "results" / "speech-peers.md"


def peer(wide: Utterances, numbers: list[int]) -> list[str]:
    """What pocketsphinx writes."""
    decoder = pocketsphinx.Decoder(samprate=float(wide.rate))
    written = []
    for number in numbers:
        sound = (np.clip(wide.samples(number), -1, 1) * 32767).astype(np.int16).tobytes()
        decoder.start_utt()
        decoder.process_raw(sound, full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        written.append(found.hypstr if found else "")
    return written


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recogniser", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("wide", type=Path)
    parser.add_argument("--language", default="en")
    parser.add_argument("--most", type=int, default=60)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    own = SpeechCorpus.open(asked.corpus)
    test = own.sides(own.language(asked.language))["test"]
    wide = SpeechCorpus.open(asked.wide).utterances(asked.language)
    places = {Path(name).name: number for number, name in enumerate(wide.table["item"])}
    shared = [number for number, name in enumerate(test.table["item"]) if Path(name).name in places][: asked.most]
    if not shared:
        parser.error(f"{asked.corpus} and {asked.wide} share no clip of the test side, by the names of their files")
    heard = test.take(shared)
    twins = [places[Path(name).name] for name in heard.table["item"]]
    recogniser, graph = opened(asked.recogniser)

    def ours(beam: int) -> list[str]:
        hearing = Hearing(recogniser, beam, graph=graph)
        return [hearing.texts([heard.samples(number)])[0] for number in range(len(heard))]

    def theirs() -> list[str]:
        return [spelled(text, asked.language) for text in peer(wide, twins)]

    works: list[tuple[str, Callable[[], list[str]]]] = [
        ("ours, greedy", lambda: ours(0)),
        ("ours, beam", lambda: ours(usual_beam(recogniser))),
        ("pocketsphinx", theirs),
    ]
    lines = ["| | letters wrong | words wrong | processor seconds for a second of speech |", "|---|---|---|--:|"]
    for name, work in works:
        work_began = time.process_time()
        written = work()
        factor = (time.process_time() - work_began) / heard.seconds
        table = judged(heard, written)
        rates = [rate_of(table), rate_of(table, "word_edits", "words")]
        cells = [f"{rate.value:.3f} ({rate.low:.3f} to {rate.high:.3f})" for rate in rates]
        lines.append(f"| {name} | {cells[0]} | {cells[1]} | {factor:.3f} |")
        print(lines[-1], flush=True)
    speakers = heard.table["speaker"].n_unique()
    told = f"{len(heard)} clips of {speakers} speakers, {heard.seconds / 60:.1f} minutes."
    told += " Ours learned from half an hour, pocketsphinx's model from hundreds and with a large dictionary."
    said = "Rerun: `python benchmarks/speech_peers.py EN CORPUS WIDE`."
    OUT.write_text(
        f"# An English recogniser of ours beside pocketsphinx\n\n{told} {said}\n\n" + "\n".join(lines) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
