"""Training speed beside torch's sparse Adagrad and fbgemm, the same step for all, in one process.

    pip install torch==2.13.0 fbgemm-gpu-cpu==1.8.0
    python benchmarks/training.py [--steps 20] [--rounds 5]

A step: 1,024 pairs, 40 n-grams a side from 1M rows of 128 numbers, drawn by Zipf's law as n-grams of text are; sums,
unit length, softmax over the batch with a scale of 20, backward, row-wise Adagrad (torch has it by element only).
The rounds take every implementation in turn and the ratios are taken round by round, so that a machine whose speed
drifts does not decide. A last row adds character 4- and 5-grams to ours: half of the n-grams are words, the others
bigrams, and a word has 9, of 300,000 that Zipf's law draws too, as those of real text are.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from sprachbund.engines.processes import keep_memory, set_threads
from sprachbund.machine import cpu_count
from sprachbund.retrieval.encoder.bags import Bags, Ranges
from sprachbund.retrieval.encoder.features import Ngrams, Rows, Workspace
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.encoder.training import descend
from sprachbund.retrieval.settings import BEST, change

RESULTS = Path(__file__).parent / "results"
ROWS, DIM, BATCH, NGRAMS, SCALE, RATE = 1_000_000, 128, 1_024, 40, 20.0, 0.03
CHARACTERS, INSIDE = 300_000, 9


@dataclass(frozen=True)
class Data:
    """ids: int64 [steps, 2 * BATCH, NGRAMS], queries first."""

    ids: np.ndarray


def zipf(names: int, shape: int | tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """Numbers below ``names`` by Zipf's law, permuted so that frequent ones are not neighbours."""
    weights = 1 / np.arange(1, names + 1)
    edges = np.cumsum(weights / weights.sum())
    picks = np.searchsorted(edges, generator.random(shape))
    return generator.permutation(names)[np.minimum(picks, names - 1)]


def draw(steps: int, generator: np.random.Generator) -> Data:
    """The n-grams of all steps."""
    return Data(zipf(ROWS, (steps, 2 * BATCH, NGRAMS), generator))


def ours(data: Data, characters: bool) -> Callable[[int], None]:
    """Our step; with or without character n-grams."""
    generator = np.random.default_rng(1)
    extra = CHARACTERS if characters else 0
    table = generator.standard_normal((ROWS + extra, DIM), np.float32) / np.float32(DIM**0.5)
    inside = np.where(np.arange(ROWS) % 2 == 0, INSIDE if characters else 0, 0)
    offsets = np.zeros(ROWS + extra + 1, np.int64)
    offsets[1 : ROWS + 1] = np.cumsum(inside)
    offsets[ROWS + 1 :] = offsets[ROWS]
    char_ids = (ROWS + zipf(CHARACTERS, int(offsets[-1]), generator)).astype(np.int32)
    ngrams = Ngrams(np.arange(ROWS + extra, dtype=np.uint64), np.ones(ROWS + extra, np.int8), offsets, char_ids)
    settings = change(BEST, dim=DIM, scale=SCALE, characters=(4, 5) if characters else ())
    rows = Rows(np.arange(ROWS + extra, dtype=np.int32), 0.0, 0)
    model = Model(settings, ngrams, {"x": rows}, table, np.empty(0, np.int32))
    accumulators = np.zeros(ROWS + extra, np.float32)
    space = Workspace.of(ngrams)
    starts = np.arange(2 * BATCH, dtype=np.int64) * NGRAMS
    ones = np.ones(2 * BATCH * NGRAMS, np.float32)
    each, none = np.arange(2 * BATCH, dtype=np.int64), np.full(BATCH, -1, np.int64)
    queries, candidates = (Ranges(part, part + 1, none) for part in (each[:BATCH], each[BATCH:]))

    def step(number: int) -> None:
        bags = Bags(data.ids[number].ravel().astype(np.int32), ones, starts, starts + NGRAMS)
        descend(model, rows, bags, queries, candidates, None, accumulators, RATE, space)

    return step


def loss_of(vectors: torch.Tensor) -> torch.Tensor:
    """The in-batch softmax of unit vectors."""
    unit = torch.nn.functional.normalize(vectors)
    return torch.nn.functional.cross_entropy(SCALE * unit[:BATCH] @ unit[BATCH:].T, torch.arange(BATCH))


def torch_sparse(data: Data) -> Callable[[int], None]:
    """torch's EmbeddingBag with sparse gradients and its Adagrad."""
    bag = torch.nn.EmbeddingBag(ROWS, DIM, mode="sum", sparse=True)
    optimiser = torch.optim.Adagrad(bag.parameters(), lr=RATE)

    def step(number: int) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss_of(bag(torch.from_numpy(data.ids[number]))).backward()
        optimiser.step()

    return step


def fbgemm(data: Data) -> Callable[[int], None] | None:
    """fbgemm's table-batched embedding with exact row-wise Adagrad, or None where it is not installed."""
    try:
        from fbgemm_gpu.split_embedding_configs import EmbOptimType
        from fbgemm_gpu.split_table_batched_embeddings_ops_common import EmbeddingLocation, PoolingMode
        from fbgemm_gpu.split_table_batched_embeddings_ops_training import (
            ComputeDevice,
            SplitTableBatchedEmbeddingBagsCodegen,
        )
    except (ImportError, OSError) as error:
        print(f"fbgemm is left out: {error}")
        return None
    table = SplitTableBatchedEmbeddingBagsCodegen(
        [(ROWS, DIM, EmbeddingLocation.HOST, ComputeDevice.CPU)],
        optimizer=EmbOptimType.EXACT_ROWWISE_ADAGRAD,
        learning_rate=RATE,
        eps=1e-10,
        pooling_mode=PoolingMode.SUM,
    )
    torch.nn.init.normal_(table.weights_host if hasattr(table, "weights_host") else table.host_weights, std=DIM**-0.5)
    offsets = torch.arange(2 * BATCH + 1) * NGRAMS

    def step(number: int) -> None:
        loss_of(table(torch.from_numpy(data.ids[number].ravel()), offsets)).backward()

    return step


def main() -> None:
    """Measure and write benchmarks/results/training.{md,json}."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20, help="steps a round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    threads = cpu_count()
    set_threads(threads)
    keep_memory()
    torch.set_num_threads(threads)
    data = draw(options.steps, np.random.default_rng(0))
    steps = {
        "sprachbund": ours(data, False),
        "sprachbund, characters besides": ours(data, True),
        "fbgemm, row-wise Adagrad": fbgemm(data),
        "torch, sparse Adagrad": torch_sparse(data),
    }
    times: dict[str, list[float]] = {name: [] for name, step in steps.items() if step}
    for number in range(options.rounds + 1):
        for name in times:
            step = steps[name]
            assert step
            few = options.steps if "torch" not in name else max(2, options.steps // 4)
            started = time.perf_counter()
            for at in range(few):
                step(at)
            if number:  # the first round warms up
                times[name].append(few * BATCH / (time.perf_counter() - started))
    base = times["sprachbund"]
    lines = [
        "# Training speed",
        "",
        f"1,024 pairs a batch, {NGRAMS} n-grams a side of {ROWS:,} rows, dim {DIM}, {threads} threads; medians of "
        f"{options.rounds} paired rounds. Rerun: `python benchmarks/training.py`.",
        "",
        "| implementation | thousand pairs a second | ours is so many times as fast |",
        "|---|--:|--:|",
    ]
    result = {}
    for name, speeds in times.items():
        ratio = statistics.median(a / b for a, b in zip(base, speeds, strict=True))
        result[name] = {"pairs_per_second": statistics.median(speeds), "ratio": ratio, "rounds": speeds}
        lines.append(f"| {name} | {statistics.median(speeds) / 1e3:.1f} | {ratio:.2f} |")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "training.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = {"machine": platform.machine(), "threads": threads, "torch": torch.__version__, "results": result}
    (RESULTS / "training.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
