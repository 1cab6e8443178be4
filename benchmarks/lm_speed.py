"""How fast a neural language model learns and scores: ours, the same model in plain PyTorch, and Hugging Face's GPT-2.

    python benchmarks/lm_speed.py [--seconds 6] [--rounds 3] [--out FILE]

Text is drawn at random, for its content does not matter. Every way is measured in a process of its own, in turns, so
that what else the machine does hits all; a figure is the median over the rounds, in units (characters or pieces) a
second of processor time, and of the clock where there are two threads. Memory is the process's peak, torch's libraries
among it. "Plain" is a loop of the model, cross entropy, backward and AdamW with the best settings known to us: fused
AdamW, bfloat16 where it is faster, no checks, no dropout, no dev. The table goes to benchmarks/results/lm-speed.md.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from sprachbund.lm.neural.settings import NeuralSettings, settings_of

OUT = Path(__file__).parent / "results" / "lm-speed.md"
CHARACTERS, PIECES = 100, 1_260
SMALL = settings_of("small", evaluations=1, epochs=1e4)
LLAMA = settings_of("transformer", evaluations=1, epochs=1e4, units="pieces", pieces=PIECES)
Steps = Iterator[int]
"""Units that each step had."""


def ours(settings: NeuralSettings) -> Steps:
    """`train_neural` as it is, by what it tells its progress."""
    from queue import Queue
    from threading import Thread

    from sprachbund.lm.alphabet import Alphabet
    from sprachbund.lm.neural.training import train_neural

    generator = np.random.default_rng(0)
    letters = "\n" + "".join(chr(0x3B1 + number) for number in range(CHARACTERS - 2))
    text = "".join(generator.choice(list(letters), 400_000))
    told: Queue[float] = Queue()

    class Teller:
        def advance(self, amount: float = 1) -> None:
            told.put(amount)

        def describe(self, text: str) -> None:
            """Nothing."""

    arguments = ([text], [text[:1_000]], settings)
    options = {"alphabet": Alphabet.of([text]), "progress": Teller()}
    Thread(target=lambda: train_neural(*arguments, **options), daemon=True).start()
    while True:
        yield int(told.get())


def plain(network: Any, settings: NeuralSettings, size: int, bf16: bool, logits: Callable[[Any, Any], Any]) -> Steps:
    """A loop of a model's steps."""
    import torch

    network.train()
    optimiser = torch.optim.AdamW(network.parameters(), 1e-3, fused=True)
    units = torch.randint(0, size, (settings.context + 1, settings.batch))
    state: Any = None
    while True:
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            made, state = logits(units[:-1], state)
        loss = torch.nn.functional.cross_entropy(made.float().flatten(0, 1), units[1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        yield units[1:].numel()


def plain_own(settings: NeuralSettings, size: int, bf16: bool = True, compiled: bool = False) -> Steps:
    """Our network in a plain loop."""
    import torch

    from sprachbund.lm.neural.network import build

    network = build(settings, size)
    run = torch.compile(network) if compiled else network

    def logits(units: Any, state: Any) -> Any:
        return run(units, network.state(units.shape[1]) if state is None else state)

    return plain(network, settings, size, bf16, logits)


def plain_gpt2(settings: NeuralSettings, size: int, bf16: bool, width: int, layers: int) -> Steps:
    """Hugging Face's GPT-2, of about as many parameters."""
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=size, n_positions=settings.context, n_embd=width, n_layer=layers, n_head=settings.heads,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, use_cache=False,
    )  # fmt: skip
    network = GPT2LMHeadModel(config)
    return plain(network, settings, size, bf16, lambda units, _: (network(units.t()).logits.transpose(0, 1), None))


def plain_llama(settings: NeuralSettings, size: int, bf16: bool) -> Steps:
    """Hugging Face's Llama of the same shape."""
    from transformers import LlamaConfig, LlamaForCausalLM

    from sprachbund.lm.neural.transformer_shape import gated

    config = LlamaConfig(vocab_size=size, hidden_size=settings.width, intermediate_size=gated(settings.width),
                         num_hidden_layers=settings.layers, num_attention_heads=settings.heads,
                         num_key_value_heads=settings.heads, tie_word_embeddings=True, use_cache=False)  # fmt: skip
    network = LlamaForCausalLM(config)
    return plain(network, settings, size, bf16, lambda units, _: (network(units.t()).logits.transpose(0, 1), None))


def scoring(settings: NeuralSettings, size: int, texts: int) -> Steps:
    """`scoring.nats` of so many texts side by side."""
    from sprachbund.lm.neural.network import build
    from sprachbund.lm.neural.scoring import nats

    network = build(settings, size).eval()
    numbers = [np.random.default_rng(text).integers(0, size, 4_096).astype(np.int32) for text in range(texts)]
    while True:
        yield sum(map(len, nats(network, settings, numbers, 0)))


WAYS: dict[str, tuple[str, int, Callable[[], Steps]]] = {
    "LSTM, characters: train_neural": ("learns", 1, lambda: ours(SMALL)),
    "LSTM, characters: plain PyTorch, bf16": ("learns", 1, lambda: plain_own(SMALL, CHARACTERS)),
    "LSTM, characters: plain PyTorch, float32": ("learns", 1, lambda: plain_own(SMALL, CHARACTERS, bf16=False)),
    "LSTM, characters: plain PyTorch, bf16, torch.compile": (
        "learns", 1, lambda: plain_own(SMALL, CHARACTERS, compiled=True),
    ),
    "LSTM, characters: train_neural, two threads": ("learns", 2, lambda: ours(settings_of(SMALL, threads=2))),
    "LSTM, characters: GPT-2 of Hugging Face, equal size, float32": (
        "learns", 1, lambda: plain_gpt2(LLAMA, CHARACTERS, False, 96, 3),
    ),
    "transformer: ours in a plain loop, float32": ("learns", 1, lambda: plain_own(LLAMA, PIECES, bf16=False)),
    "transformer: ours in a plain loop, bf16": ("learns", 1, lambda: plain_own(LLAMA, PIECES)),
    "transformer: ours in a plain loop, float32, torch.compile": (
        "learns", 1, lambda: plain_own(LLAMA, PIECES, bf16=False, compiled=True),
    ),
    "transformer: Llama of Hugging Face, float32": ("learns", 1, lambda: plain_llama(LLAMA, PIECES, False)),
    "transformer: GPT-2 of Hugging Face, equal size, float32": (
        "learns", 1, lambda: plain_gpt2(LLAMA, PIECES, False, 96, 3),
    ),
    "LSTM, characters: one text": ("scores", 1, lambda: scoring(SMALL, CHARACTERS, 1)),
    "LSTM, characters: 32 texts": ("scores", 1, lambda: scoring(SMALL, CHARACTERS, 32)),
    "transformer: 8 texts": ("scores", 1, lambda: scoring(LLAMA, PIECES, 8)),
}  # fmt: skip


def one(name: str, seconds: float) -> dict[str, float]:
    """A way in this process."""
    import torch

    _, threads, make = WAYS[name]
    torch.set_num_threads(threads)
    steps = make()
    for _ in range(3):
        next(steps)
    began, clock, units = time.process_time(), time.monotonic(), 0
    while time.process_time() - began < seconds:
        units += next(steps)
    taken, passed = time.process_time() - began, time.monotonic() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"processor": units / taken, "clock": units / passed, "peak": peak}


def table(found: dict[str, list[dict[str, float]]], most: int) -> str:
    """Medians, and each over the first of its kind."""
    lines = [
        "# Speed of neural language models\n",
        "`python benchmarks/lm_speed.py`: units a second of processor time, the median of rounds that were taken in "
        "turns; ratio: over the first row of the same kind of model. What is measured: see the script.\n",
        "| | way | threads | units a second | by the clock | ratio | peak MB |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    first: dict[tuple[str, str], float] = {}
    for name, rounds in found.items():
        what, threads, _ = WAYS[name]
        if not rounds:
            lines.append(f"| {what} | {name} | {threads} | nothing within {most} s | | | |")
            continue
        speed = median(each["processor"] for each in rounds)
        base = first.setdefault((what, name.partition(":")[0]), speed)
        lines.append(
            f"| {what} | {name} | {threads} | {speed:,.0f} | {median(each['clock'] for each in rounds):,.0f} | "
            f"{speed / base:.2f} | {median(each['peak'] for each in rounds):,.0f} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--most", type=int, default=150, help="seconds of the clock for a way, compiling included")
    parser.add_argument("--one", choices=list(WAYS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(given.one, given.seconds)), flush=True)
        os._exit(0)  # a training may go on in a thread
    found: dict[str, list[dict[str, float]]] = {name: [] for name in WAYS}
    for _ in range(given.rounds):
        for name in WAYS:
            command = [sys.executable, __file__, "--one", name, "--seconds", str(given.seconds)]
            try:
                done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=given.most)
            except subprocess.TimeoutExpired:
                print(name, f"nothing within {given.most} s", flush=True)
                continue
            found[name].append(json.loads(done.stdout.splitlines()[-1]))
            print(name, found[name][-1], flush=True)
    given.out.write_text(table(found, given.most), encoding="utf-8")
