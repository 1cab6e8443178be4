"""Text that a language model writes: the next words, as a keyboard suggests them, and samples.

Every part of the model is asked for all that may follow, and the gate weighs them as it does in scoring.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from sprachbund.arrays import Float32, Float64
from sprachbund.errors import SettingsError
from sprachbund.lm.gate import Gate, neural_features, ngram_features, weights
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.neural.generating import is_inside
from sprachbund.lm.ngram.following import Asking, following
from sprachbund.lm.ngram.words import WordNGram
from sprachbund.lm.text import END
from sprachbund.normal_forms import normal_form

__all__ = ["complete", "next_characters", "sample"]

READ = 128
"""Characters before a place that a neural part reads again."""
_WIDTH, _LONGEST = 12, 32
_FLOOR = 1e-12


def known_characters(model: LanguageModel) -> str:
    """All characters that a part knows, by code point."""
    return "".join(sorted(set().union(*(each.alphabet.symbols for each in model.ngrams))))


def next_characters(model: LanguageModel, texts: Sequence[str], characters: str) -> Float64:
    """float64 [texts, characters]: the probability of each character after each text; rows sum to at most 1."""
    found = np.zeros((len(texts), model.parts, len(characters)))
    features: list[list[Float32]] = [[] for _ in texts]
    columns = [each.alphabet.encode(characters) for each in model.ngrams]
    for row, text in enumerate(texts):
        for part, each in enumerate(model.ngrams):
            told, depth, seen, peak = each.after(text)
            found[row, part] = np.where(columns[part] > 0, told[columns[part]], 0.0)
            one = (np.array([depth], np.uint8), np.array([seen], np.float32), np.array([peak], np.float32))
            features[row].append(ngram_features(*one))
    if model.words is not None:
        asking = _asking(model.words, characters)
        for row, text in enumerate(texts):
            told, depth, seen, peak = following(model.words, text, asking)
            found[row, len(model.ngrams)] = told
            one = (np.array([depth], np.uint8), np.array([seen], np.float32), np.array([peak], np.float32))
            features[row].append(ngram_features(*one))
    if model.mixes:
        told, tops, spread = _neural_next(model, texts, characters)
        found[:, -1] = told
        for row in range(len(texts)):
            features[row].append(neural_features(tops[row : row + 1], spread[row : row + 1]))
    gate = model.gate
    if gate is None:
        return np.asarray(found[:, 0])
    shares = _shares(gate, features)
    return np.asarray((shares[:, :, None] * found).sum(1))


@lru_cache(maxsize=4)
def _asking(words: WordNGram, characters: str) -> Asking:
    """The same for every step of a search."""
    return Asking.of(words, characters)


def _shares(gate: Gate, features: list[list[Float32]]) -> Float64:
    return weights(gate, np.concatenate([np.concatenate(row, 1) for row in features]))


def _neural_next(model: LanguageModel, texts: Sequence[str], characters: str) -> tuple[Float64, Float32, Float32]:
    from sprachbund.lm.neural import extra
    from sprachbund.lm.neural.network import loaded, on_threads
    from sprachbund.lm.neural.scoring import stretches

    neural = model.neural
    assert neural is not None
    torch, units = extra.torch(), neural.units
    columns = units.encode(characters)
    tails = [units.encode(text[-READ:]) for text in texts]
    network = loaded(neural.settings, units.size, neural.weights)
    last = np.empty((len(texts), units.size), np.float32)
    with on_threads(neural.settings.threads):
        # one unit more than there is, so that what follows the last one is told
        read = [np.append(tail, 0).astype(np.int32) for tail in tails]
        for low, logits in stretches(network, neural.settings, read, units.context):
            logs = torch.log_softmax(logits, -1).numpy()
            for row, tail in enumerate(tails):
                if low <= len(tail) < low + len(logs):
                    last[row] = logs[len(tail) - low, row]
    probabilities = np.exp(last.astype(np.float64))
    told: Float64 = np.where(columns > 0, probabilities[:, columns], 0.0)
    tops: Float32 = probabilities.max(1).astype(np.float32)
    spread: Float32 = -(probabilities * last).sum(1).astype(np.float32)
    return told, tops, spread


def complete(model: LanguageModel, prompt: str, k: int = 5) -> list[tuple[str, float]]:
    """The k likeliest words at a prompt's end, with their probabilities, the likeliest first.

    The next word where the prompt ends in a blank or is empty; else the whole of the word that it ends in. The search
    keeps the likeliest beginnings, so a rare word may be missed.

    Raises:
        SettingsError: ``k`` is below 1.
    """
    if k < 1:
        raise SettingsError(f"k must be at least 1, found {k}")
    prompt = normal_form("NFC", prompt)
    begun = len(prompt)
    while begun and is_inside(prompt[begun - 1]):
        begun -= 1
    typed = prompt[begun:]
    characters = known_characters(model)
    goes_on = np.array([is_inside(character) for character in characters])
    beams, found = [("", 0.0)], dict[str, float]()
    for _ in range(_LONGEST):
        told = next_characters(model, [prompt + more for more, _ in beams], characters)
        grown: list[tuple[str, float]] = []
        for (more, logs), row in zip(beams, told, strict=True):
            ends = float(row[~goes_on].sum())
            if typed + more and ends > _FLOOR:
                found[typed + more] = logs + float(np.log(ends))
            for place in np.argsort(-row, kind="stable")[: 2 * _WIDTH]:
                if goes_on[place] and row[place] > _FLOOR:
                    grown.append((more + characters[place], logs + float(np.log(row[place]))))
        best = sorted(found.values(), reverse=True)[:k]
        beams = sorted(grown, key=lambda each: -each[1])[: _WIDTH + 2 * k]
        if not beams or (len(best) == k and beams[0][1] < best[-1]):
            break
    first = sorted(found.items(), key=lambda each: (-each[1], each[0]))[:k]
    return [(word, float(np.exp(logs))) for word, logs in first]


def sample(model: LanguageModel, prompt: str, characters: int, temperature: float = 1.0, seed: int = 0) -> str:
    """What the model writes after a prompt, without it; a document that ends early is the end.

    Args:
        temperature: 1 draws as the model has it, lower is more predictable, 0 the likeliest character each time.

    Raises:
        SettingsError: ``characters`` or ``temperature`` is below 0.
    """
    if characters < 0 or temperature < 0:
        raise SettingsError(f"characters and temperature must be at least 0, found {characters} and {temperature:g}")
    known, generator = known_characters(model), np.random.default_rng(seed)
    text = normal_form("NFC", prompt)
    begun = len(text)
    for _ in range(characters):
        row = next_characters(model, [text], known)[0]
        if temperature:
            shares = row ** (1 / temperature)
            place = int(generator.choice(len(known), p=shares / shares.sum()))
        else:
            place = int(row.argmax())
        text += known[place]
    return text[begun:].rstrip(END)
