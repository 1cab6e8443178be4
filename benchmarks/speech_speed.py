"""How fast speech is ingested, learned and written down: ours, and the same network in a plain PyTorch loop.

    python benchmarks/speech_speed.py CLIPS --language pt [--steps 8] [--minutes 60] [--out FILE]

CLIPS is a folder or archive of recorded speech. Figures are seconds of speech a second of processor time on one
thread: of every part of the way, and of training steps of several networks of the same width on batches of the same
shape (random features, for their content does not matter). "Plain" is a loop of network, CTC, backward and fused
AdamW without dropout, features, dev or checkpoints. Memory is the process's peak, torch's libraries among it. The table
goes to benchmarks/results/speech-speed.md.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch

from sprachbund.export.recognisers import write_recogniser_export
from sprachbund.machine import forget_peak, peak_memory
from sprachbund.settings import change
from sprachbund.speech.features import FeatureSettings, log_mels
from sprachbund.speech.ingest import ingest_speech
from sprachbund.speech.recogniser.expectations import Expectations, learn_letters
from sprachbund.speech.recogniser.network import build
from sprachbund.speech.recogniser.saved import write_recogniser
from sprachbund.speech.recogniser.settings import RecogniserSettings
from sprachbund.speech.recogniser.training import train_recogniser
from sprachbund.speech.speed import bench

OUT = Path(__file__).parent / "results" / "speech-speed.md"
HEAD = """# Speech: how fast

Seconds of speech a second of processor time, one thread. "Plain loop" is network, CTC, backward and fused AdamW on
batches of one shape, without dropout, features, dev or checkpoints. Memory is the process's peak, torch's libraries
among it. Rerun: `python benchmarks/speech_speed.py CLIPS --language pt`.

"""
SECONDS, SIDE_BY_SIDE, LETTERS = 5.0, 12, 36


def rate(seconds: float, work: Callable[[], Any]) -> float:
    """Seconds of speech a second of the processor; what is compiled or loaded first is not counted."""
    began = time.process_time()
    work()
    return seconds / (time.process_time() - began)


def plain(kind: str, precision: str, steps: int) -> float:
    """Training steps of a network of our shape with GRU or LSTM layers, packed as ours are."""
    settings = RecogniserSettings()
    width, channels = settings.network.width, settings.network.channels

    class Gru(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = torch.nn.Conv1d(40, channels, 5, padding=2)
            self.second = torch.nn.Conv1d(channels, channels, 5, 3, 2)
            self.layers = torch.nn.GRU(channels, width, 3, bidirectional=True)
            self.rows = torch.nn.Linear(2 * width, LETTERS)

        def forward(self, features: Any, frames: Any) -> Any:
            hidden = torch.relu(self.second(torch.relu(self.first(features.transpose(1, 2))))).permute(2, 0, 1)
            packed = torch.nn.utils.rnn.pack_padded_sequence(hidden, (frames + 2) // 3, enforce_sorted=False)
            hidden, _ = torch.nn.utils.rnn.pad_packed_sequence(self.layers(packed)[0])
            return torch.log_softmax(self.rows(hidden).float(), -1)

    network = Gru() if kind == "GRU" else build(change(settings, {"dropout": 0.0}), LETTERS)
    optimiser = torch.optim.AdamW(network.parameters(), fused=True)
    frames = torch.tensor([int(100 * SECONDS)] * SIDE_BY_SIDE)
    features = torch.randn(SIDE_BY_SIDE, int(frames[0]), 40)
    letters = torch.full((SIDE_BY_SIDE,), int(12 * SECONDS))
    targets = torch.randint(1, LETTERS, (int(letters.sum()),))

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            told = network(features, frames)
        loss = torch.nn.functional.ctc_loss(told, targets, (frames + 2) // 3, letters, zero_infinity=True)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    step()
    return rate(steps * SIDE_BY_SIDE * SECONDS, lambda: [step() for _ in range(steps)])


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path)
    parser.add_argument("--language", required=True)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--minutes", type=int, default=60, help="of the long file that is transcribed")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    rows: list[tuple[str, str]] = []

    def told(name: str, value: float) -> None:
        rows.append((name, f"{value:,.0f}"))
        print(name, f"{value:,.0f}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        began = time.process_time()
        corpus = ingest_speech(asked.clips, place / "S", language=asked.language)
        every = corpus.utterances(corpus.language(asked.language))
        told("ingest: decode, look at, resample, store", every.seconds / (time.process_time() - began))
        part = every.take(range(min(len(every), 100)))
        samples = [part.samples(number) for number in range(len(part))]
        settings = FeatureSettings(every.rate)
        told("log-mels", rate(part.seconds, lambda: [log_mels(each, settings) for each in samples]))
        for kind in ("LSTM", "GRU"):
            for precision in ("bf16", "float32"):
                name = "ours" if kind == "LSTM" else "GRU of the same width"
                told(f"training steps, plain loop, {name}, {precision}", plain(kind, precision, asked.steps))
        own = change(RecogniserSettings(), {"epochs": 1.0, "evaluations": 1, "batch": 60.0})
        few = every.take(range(0, len(every), 2))
        forget_peak()
        began = time.process_time()
        made = train_recogniser([few], [every.take([1])], own, seed=0)
        told("training, all of it, one epoch", few.seconds / (time.process_time() - began))
        training_peak = peak_memory()
        spoken = np.concatenate([every.samples(number) for number in range(len(every))])
        whole = np.tile(spoken, int(60 * asked.minutes * every.rate / len(spoken)) + 1)[
            : int(60 * asked.minutes) * every.rate
        ]
        soundfile.write(place / "long.flac", whole, every.rate)
        soundfile.write(place / "minutes.flac", whole[: 180 * every.rate], every.rate)
        ngram = learn_letters(few.letters, [], every.language)
        write_recogniser(replace(made, expectations=Expectations(ngram, 0.6, 1.2)), place / "R")
        write_recogniser_export(place / "R", place / "OUT")
        short = bench(place / "R", [place / "minutes.flac"])
        told("transcribe, greedy", 1 / short.factor("greedy"))
        told(f"transcribe, beam of {short.beam}", 1 / short.factor("beam"))
        for graph in ("model.onnx", "model.int8.onnx"):
            found = bench(place / "OUT" / graph, [place / "minutes.flac"], 0)
            told(f"transcribe, greedy, {graph}", 1 / found.factor("greedy"))
        long = bench(place / "R", [place / "long.flac"], 0)
        rows.append(("peak memory: training", f"{training_peak >> 20:,} MB"))
        rows.append(("peak memory: three minutes transcribed", f"{short.memory >> 20:,} MB"))
        rows.append((f"peak memory: {asked.minutes} minutes transcribed", f"{long.memory >> 20:,} MB"))
    lines = ["| what | seconds of speech a second of one core |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)]
    asked.out.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
