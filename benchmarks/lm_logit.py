"""Two ways to mix language models: sums of probabilities, or products of powers of them (the logit domain).

    python benchmarks/lm_logit.py [--target pt] [--sizes 30000,100000] [--seeds 3] [--work FOLDER]

Text, sides and the cut of dev are those of ``benchmarks/lm_neighbours.py`` (its folder --work is used). Mixed are the
target's own n-grams, those of its nearest neighbour's text in the target's words, and a small neural part that has
read the target's own text. Both ways have weights that follow from the same features of the context (`lm.gate`):

    linear       p = sum of w_m p_m,  w = softmax of a linear function of the features
    logarithmic  p ~ product of p_m^w_m over the alphabet, w a linear function of the features, of any sign

and are learned on dev by the same steps of Adam; the decay of weights is chosen for each by the two halves of dev.
Judged on the first --characters of each test novel, letters of the target's alphabet alone (the others cost the same
under both); *apart* is the difference of the two with its interval over novels. Needs torch.
Writes benchmarks/results/lm-logit.md.
"""

import argparse
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from lm_neighbours import NEIGHBOURS, RESULTS, SHARES, dictionaries, heads, relative
from sprachbund import Corpus
from sprachbund.corpus.placing import Split
from sprachbund.lm.alphabet import Alphabet
from sprachbund.lm.gate import neural_features, ngram_features
from sprachbund.lm.neighbours import Respelling, lend
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.scoring import log_probabilities
from sprachbund.lm.neural.settings import SIZES
from sprachbund.lm.neural.training import train_neural
from sprachbund.lm.ngram.characters import CharacterNGram, choose_order, train_characters
from sprachbund.lm.sides import sides_of
from sprachbund.lm.text import cut

MOST = 1_000_000
DECAYS = (0.0, 1e-4, 1e-3, 1e-2)
EPOCHS, BATCH, RATE = 20, 256, 0.01


def of_ngrams(model: CharacterNGram, text: str, alphabet: Alphabet) -> np.ndarray:
    """float32 [characters, alphabet]: probabilities at each place of the alphabet's symbols (0: all others)."""
    places = model.alphabet.encode(alphabet.symbols)
    out = np.empty((len(text), alphabet.size), np.float32)
    for place in range(len(text)):
        told = model.after(text[max(0, place - model.ngram.order) : place])[0]
        out[place, 1:] = np.where(places > 0, told[places], told[0] / 1e4)
        out[place, 0] = max(1e-9, 1 - out[place, 1:].sum())
    return out


Heard = tuple[torch.Tensor, torch.Tensor, torch.Tensor, list[int]]
"""Log probabilities [characters, models, alphabet], features, the characters themselves, characters of each text."""


def heard(models: list, texts: list[str], alphabet: Alphabet) -> Heard:
    """What models say of texts."""
    logs, features = [], []
    for model in models:
        if isinstance(model, Neural):
            own = np.concatenate([log_probabilities(model, text, alphabet) for text in texts])
            sure = np.exp(own)
            features.append(neural_features(sure.max(1), -(sure * own).sum(1)))
        else:
            own = np.log(np.concatenate([of_ngrams(model, text, alphabet) for text in texts]))
            asked = model.ask(texts)[0]
            features.append(ngram_features(asked.depths, asked.seen, asked.peaks))
        logs.append(own.astype(np.float32))
    truth = np.concatenate([alphabet.encode(text) for text in texts]).astype(np.int64)
    return (
        torch.from_numpy(np.stack(logs, 1)),
        torch.from_numpy(np.concatenate(features, 1)),
        torch.from_numpy(truth),
        [len(text) for text in texts],
    )


def cost(
    way: str, layer: torch.nn.Linear, logs: torch.Tensor, features: torch.Tensor, truth: torch.Tensor
) -> torch.Tensor:
    """Nats of each character."""
    scores = layer(features)
    if way == "linear":
        there = logs.gather(2, truth[:, None, None].expand(-1, logs.shape[1], 1))[:, :, 0]
        return -torch.logsumexp(torch.log_softmax(scores, 1) + there, 1)
    return torch.nn.functional.cross_entropy((scores[:, :, None] * logs).sum(1), truth, reduction="none")


def learn(way: str, decay: float, logs: torch.Tensor, features: torch.Tensor, truth: torch.Tensor) -> torch.nn.Linear:
    """The weights of one way."""
    torch.manual_seed(0)
    layer = torch.nn.Linear(features.shape[1], logs.shape[1])
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias[:] = torch.tensor([2.0, 0, 0]) if way == "linear" else torch.tensor([0.6, 0.2, 0.2])
    steps = EPOCHS * -(-len(truth) // BATCH)
    adam = torch.optim.AdamW(layer.parameters(), RATE, weight_decay=decay / RATE)
    falls = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.01, steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(truth)).split(BATCH):
            adam.zero_grad()
            cost(way, layer, logs[batch], features[batch], truth[batch]).mean().backward()
            adam.step()
            falls.step()
    return layer


def chosen(way: str, dev: Heard) -> torch.nn.Linear:
    """The weights under the decay that is best where each half of dev judges the other's."""
    logs, features, truth, _ = dev
    halves = (torch.arange(len(truth)) // 100) % 2 == 0
    costs = {}
    for decay in DECAYS:
        costs[decay] = 0.0
        for one in (halves, ~halves):
            layer = learn(way, decay, logs[one], features[one], truth[one])
            costs[decay] += float(cost(way, layer, logs[~one], features[~one], truth[~one]).sum().detach())
    best = min(costs, key=costs.__getitem__)
    return learn(way, best, logs, features, truth)


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="pt")
    parser.add_argument("--sizes", default="30000,100000")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--characters", type=int, default=4_000)
    parser.add_argument("--work", type=Path, default=Path("lm-neighbours"))
    given = parser.parse_args()
    torch.set_num_threads(1)
    corpus = Corpus.open(given.work / "corpus", check=False)
    target, near = given.target, NEIGHBOURS[given.target].split()[0]
    lines = [
        "# Mixing language models by sums or by products",
        "",
        f"Bits per character of novels in {target} that no model has read; own n-grams, n-grams of {near} in its",
        "words, a small neural part; weights by context, learned on dev. Rerun: `python benchmarks/lm_logit.py`.",
        "",
        "| characters | seed | own n-grams | linear | logarithmic | apart [95% interval] |",
        "|--:|--:|--:|--:|--:|---|",
    ]
    for size in map(int, given.sizes.split(",")):
        for seed in range(given.seeds):
            sides = sides_of(corpus, target, Split(SHARES), size, seed)
            dev = list(cut(sides.dev, max(10_000, size // 3), seed).texts)
            test = [text[: given.characters] for text in heads(sides.test)]
            train = list(sides.train.texts)
            own = choose_order(train, dev, target)
            theirs = list(sides_of(corpus, near, Split(SHARES), MOST, 0).train.texts)
            lent = lend(target, train, near, theirs, Respelling(True, dictionaries(target, [near]))).nearest
            neural = train_neural(train, dev, replace(SIZES["small"], epochs=20), seed=seed)
            models = [own, train_characters(lent, near, 8), neural]
            on_dev, on_test = (heard(models, texts, own.alphabet) for texts in (dev, test))
            ends = np.cumsum([0, *on_test[3]])
            known = (on_test[2] > 0).numpy()
            told = {"own": -on_test[0][:, 0].gather(1, on_test[2][:, None])[:, 0].numpy()}
            for way in ("linear", "logarithmic"):
                told[way] = cost(way, chosen(way, on_dev), *on_test[:3]).detach().numpy()
            sums = {
                name: np.array([each[a:b][known[a:b]].sum() for a, b in pairwise(ends)]) / np.log(2)
                for name, each in told.items()
            }
            counts = np.array([known[a:b].sum() for a, b in pairwise(ends)], np.float64)
            apart = relative(sums["logarithmic"], sums["linear"], counts)
            cells = [f"{each.sum() / counts.sum():.3f}" for each in sums.values()]
            lines.append(
                f"| {size:,} | {seed} | {' | '.join(cells)} | {apart[0]:+.1f}% [{apart[1]:+.1f}, {apart[2]:+.1f}] |"
            )
            print(lines[-1], flush=True)
            (RESULTS / "lm-logit.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
