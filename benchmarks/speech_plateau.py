"""How soon a recogniser leaves the plateau on which it writes nothing: normalised layers, orders, batches, rates.

    sprachbund speech ingest RECORDINGS --test-source cv6.1 --shares 0.35,0.2,0.45 --out SPEECH
    python benchmarks/speech_plateau.py SPEECH --language es

The project's network in a plain loop, so that what the project always does (normalise, first pass from short to long)
can be left out. Two to three minutes of a core a row; prints the character error rate on dev after each eighth.
"""

import argparse
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sprachbund.lm.neural.course import rate_at
from sprachbund.settings import change
from sprachbund.speech.alphabet import Alphabet
from sprachbund.speech.amounts import limited
from sprachbund.speech.augmenting import AugmentSettings, masked
from sprachbund.speech.features import FeatureSettings, log_mels, normalised
from sprachbund.speech.measures import character_edits
from sprachbund.speech.recogniser.batches import Batches
from sprachbund.speech.recogniser.greedy import greedy, text_of
from sprachbund.speech.recogniser.network import batch_of, build, log_probabilities, out_frames
from sprachbund.speech.recogniser.settings import RecogniserSettings
from sprachbund.speech.store import SpeechCorpus, Utterances

POINTS, CLIP, SEED = 8, 5.0, 1
ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("as it was, 30 seconds a step", {"normalise": False, "sort": False}),
    ("layers normalised", {"sort": False}),
    ("and the first pass from short to long", {}),
    ("and 12 seconds a step", {"batch": 12.0}),
    ("and twice the rate", {"batch": 12.0, "rate": 0.006}),
    ("and a mask of each sort, 10% dropout", {"batch": 12.0, "masks": 1, "dropout": 0.1}),
)


def order(batches: Batches, epochs: int, sort: bool) -> Iterator[list[int]]:
    """The utterances of every step; unless sorted, the first epoch is drawn as the others are."""
    for epoch in range(epochs):
        yield from (batch.tolist() for batch in batches.epoch(epoch if sort else epoch + 1))


def error(network: Any, alphabet: Alphabet, heard: list[Any], dev: Utterances) -> float:
    """Character error rate on dev, the likeliest letters."""
    network.eval()
    edits = letters = 0
    for features, said in zip(heard, dev.letters, strict=True):
        told = log_probabilities(network, [features])[0]
        edits += character_edits(said, text_of(greedy(told), alphabet))
        letters += len(said)
    network.train()
    return edits / letters


def row(
    train: Utterances, dev: Utterances, epochs: int, *, normalise: bool = True, sort: bool = True, batch: float = 30.0,
    rate: float = 0.003, masks: int = 0, dropout: float = 0.0,
) -> tuple[list[float], float]:  # fmt: skip
    """The error after each eighth, and seconds of speech a second of the processor."""
    features = FeatureSettings()
    heard = [normalised(log_mels(train.samples(number), features)) for number in range(len(train))]
    heard_dev = [normalised(log_mels(dev.samples(number), features)) for number in range(len(dev))]
    alphabet = Alphabet.of(train.letters)
    targets = [torch.from_numpy(alphabet.encode(text)) for text in train.letters]
    torch.manual_seed(SEED)
    network = build(change(RecogniserSettings(), {"dropout": dropout}), alphabet.size)
    if not normalise:
        network.norm = torch.nn.Identity()
        network.norms = torch.nn.ModuleList([torch.nn.Identity() for _ in network.norms])
    optimiser = torch.optim.AdamW(network.parameters(), rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    seconds = np.array([len(each) for each in heard]) / 100
    batches, generator = Batches(seconds, batch, SEED), np.random.default_rng(SEED)
    augment = AugmentSettings(time_masks=masks, band_masks=masks)
    steps, errors, taken = epochs * batches.steps, [], time.process_time()
    for step, chosen in enumerate(order(batches, epochs, sort)):
        for group in optimiser.param_groups:
            group["lr"] = rate * rate_at(step / steps, 0.05)
        padded, frames = batch_of([masked(heard[number], augment, generator) for number in chosen])
        lengths = torch.tensor([len(targets[number]) for number in chosen])
        told, rows = network(padded, frames), torch.tensor([out_frames(int(each)) for each in frames])
        joined = torch.cat([targets[number] for number in chosen])
        loss = torch.nn.functional.ctc_loss(told, joined, rows, lengths, reduction="sum", zero_infinity=True)
        optimiser.zero_grad()
        (loss / lengths.sum()).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimiser.step()
        if step + 1 >= math.ceil((len(errors) + 1) * steps / POINTS):
            errors.append(error(network, alphabet, heard_dev, dev))
    return errors, epochs * batches.total / (time.process_time() - taken)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("speech", type=Path)
    parser.add_argument("--language", default="es")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--epochs", type=int, default=8)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    sides = SpeechCorpus.open(asked.speech).sides(asked.language)
    train = limited(sides["train"], 60 * asked.minutes)
    print(f"| | {' | '.join(f'{point}/{POINTS}' for point in range(1, POINTS + 1))} | seconds a second |")
    print(f"|---|{'--:|' * (POINTS + 1)}")
    for name, how in ROWS:
        errors, pace = row(train, sides["dev"], asked.epochs, **how)
        print(f"| {name} | {' | '.join(f'{each:.2f}' for each in errors)} | {pace:.0f} |", flush=True)


if __name__ == "__main__":
    main()
