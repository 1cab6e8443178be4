"""Training does what torch's autograd says, ends where it would have ended, and does not mind who is beside it."""

import copy
import re
from collections import Counter
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import torch
from tiny import NOISE_SETTINGS, SETTINGS, encoded_tiny, noise, texts

from sprachbund.corpus.segment import words
from sprachbund.errors import CapacityError, CorpusError, DivergenceError, SettingsError
from sprachbund.ngrams.keys import bigram_key, character_keys, word_key
from sprachbund.ngrams.start_rows import start_row
from sprachbund.retrieval.encoder.bags import Ranges
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.features import Workspace
from sprachbund.retrieval.encoder.mixture import schedule
from sprachbund.retrieval.encoder.model import Model, encode_ranges
from sprachbund.retrieval.encoder.pairs import Pairs
from sprachbund.retrieval.encoder.rows import make_rows
from sprachbund.retrieval.encoder.training import (
    State,
    count_steps,
    drawn_shares,
    is_sound,
    make_draws,
    require_memory,
    train_model,
    train_step,
)
from sprachbund.retrieval.settings import Settings, Task, change

pytestmark = pytest.mark.usefixtures("one_thread")

LANGUAGES = ("es", "gl", "pt")


def sentence_vectors(model: Model, encoded: EncodedCorpus, language: str) -> np.ndarray:
    """The vectors of all sentences of a language."""
    rows = np.arange(len(encoded.language(language).sentences))
    return encode_ranges(model, encoded.language(language), Ranges(rows, rows + 1, np.full(len(rows), -1)))


class Reference:
    """The loss of a batch in torch, from strings, in double precision."""

    def __init__(self, encoded: EncodedCorpus, model: Model, language: str) -> None:
        self.model = model
        self.tokens = [words(text, language) for text in texts(noise(), language)]
        self.sections = encoded.language(language).sections
        identities = {int(key): number for number, key in enumerate(np.asarray(encoded.ngrams.keys))}
        self.rows = {key: int(model.rows[language].row[number]) for key, number in identities.items()}
        self.unseen = model.rows[language]
        self.table = torch.tensor(model.table.astype(np.float64), requires_grad=True)

    def row(self, key: int) -> torch.Tensor:
        if self.rows[key] >= 0:
            return self.table[self.rows[key]]
        return self.unseen.unseen_length * torch.tensor(start_row(key, self.table.shape[1], self.unseen.seed)).double()

    def bag(self, rows: list[int]) -> torch.Tensor:
        """The vector of some sentences; a count is one of a sentence."""
        encoder = self.model.settings.encoder
        counted = [
            ((order, name), number)
            for row in rows
            for order, names in ((1, self.tokens[row]), (2, list(map(" ".join, pairwise(self.tokens[row])))))
            for name, number in Counter(names).items()
        ]
        total = torch.zeros(self.table.shape[1], dtype=torch.float64)
        weights = 0.0
        for (order, name), number in counted:
            weight = (1.0 if order == 1 else encoder.bigram_weight) * number**encoder.power
            if not weight:
                continue
            if order == 1:
                unit = self.row(word_key(name))
                for size in encoder.characters:
                    for key in character_keys(name, size):
                        unit = unit + encoder.character_weight * self.row(key)
            else:
                unit = self.row(bigram_key(*map(word_key, name.split())))
            total = total + weight * unit
            weights += weight
        if encoder.pooling == "sum" or not weights:
            return total
        return total / (weights if encoder.pooling == "mean" else weights**0.5)

    def loss(self, batch: Pairs) -> torch.Tensor:
        """The losses of the pairs: float64 [pairs]."""
        settings = self.model.settings
        contexts = [
            [row for row in range(first, last) if row != query]
            for query, first, last in zip(batch.query, batch.first, batch.last, strict=True)
        ]
        queries = torch.stack([self.bag([int(query)]) for query in batch.query])
        candidates = torch.stack([self.bag(rows) for rows in contexts])
        if settings.encoder.similarity == "cosine":
            queries = torch.nn.functional.normalize(queries, dim=1)
            candidates = torch.nn.functional.normalize(candidates, dim=1)
        logits = settings.training.scale * queries @ candidates.T
        spans = [{int(query), *rows} for query, rows in zip(batch.query, contexts, strict=True)]
        bags = [sorted(token for row in rows for token in self.tokens[row]) for rows in contexts]
        masked = torch.zeros(logits.shape, dtype=torch.bool)
        for i in range(len(spans)):
            for j in range(len(spans)):
                near = min(spans[i]) <= max(spans[j]) and min(spans[j]) <= max(spans[i])
                masked[i, j] = i != j and (near or bags[i] == bags[j])
        self.masked = int(masked.sum())
        logits = logits.masked_fill(masked, -1e30)
        if settings.training.top:
            others = logits.detach().clone()
            others.fill_diagonal_(-torch.inf)
            cut = others.sort(dim=1, descending=True).values[:, settings.training.top - 1 : settings.training.top]
            dropped = others < cut
            dropped.fill_diagonal_(False)
            logits = logits.masked_fill(dropped, -1e30)
        return torch.nn.functional.cross_entropy(logits, torch.arange(len(spans)), reduction="none")


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
@pytest.mark.parametrize("pooling", ["sum", "mean", "sqrt"])
@pytest.mark.parametrize("top", [0, 3])
@pytest.mark.parametrize("task", ["nsp", "ic"])
def test_a_step_is_autograd_s(noisy: EncodedCorpus, similarity: str, pooling: str, top: int, task: Task) -> None:
    """Words, characters, bigrams, powers of counts, unseen n-grams, overlaps, negatives: loss, gradient and update."""
    settings = change(
        NOISE_SETTINGS,
        dim=12,
        similarity=similarity,
        pooling=pooling,
        top=top,
        bigram_weight=0.5,
        characters=(4,),
        character_weight=0.7,
        min_count=2,
        power=0.5,
        scale=5.0 if similarity == "cosine" else 0.3,
    )
    layout = make_rows(noisy, LANGUAGES, settings.encoder, 0, "shared")
    ngrams = noisy.with_characters((4,))
    model = Model(settings, ngrams, layout.rows, layout.start(12), layout.ids)
    batch = make_draws(noisy.language("pt"), task, settings, 1)[0]
    reference = Reference(noisy, model, "pt")
    losses = reference.loss(batch)
    losses.sum().backward()
    assert reference.masked > 10
    gradient = reference.table.grad
    assert gradient is not None
    expected = gradient.numpy()
    before = model.table.copy()
    accumulators = np.zeros(len(before), np.float32)
    rate = 0.5
    found = train_step(model, noisy.language("pt"), batch, accumulators, rate, Workspace.of(noisy.ngrams))
    assert found == pytest.approx(losses.mean().item(), rel=1e-4)
    touched = np.flatnonzero(np.abs(expected).max(axis=1) > 1e-12)
    assert len(touched) > 100
    assert {int(noisy.ngrams.orders[layout.ids[row]]) for row in touched} == {1, 2, -4}
    untouched = np.setdiff1d(np.arange(len(before)), touched)
    assert np.array_equal(model.table[untouched], before[untouched])
    np.testing.assert_allclose(accumulators, (expected**2).mean(axis=1), rtol=1e-3, atol=1e-9)
    own = (before - model.table).astype(np.float64) / rate * np.sqrt(accumulators)[:, None]
    size = np.abs(expected).max(axis=1, keepdims=True)[touched]
    # a row of which all parts nearly cancel has no relative precision of its own
    size = np.maximum(size, 1e-3 * np.abs(expected).max())
    np.testing.assert_allclose(own[touched] / size, expected[touched] / size, atol=1e-4)


def test_a_batch_where_everything_overlaps(tmp_path: Path) -> None:
    """One section: every context holds the others' queries, so that there is nothing to learn, and nothing breaks."""
    sentences = ["aa bb cc dd", "bb cc dd ee", "cc dd ee ff", "dd ee ff gg", "ee ff gg hh"]
    encoded = encoded_tiny(tmp_path, [("pt", "one", None, [sentences])], Settings())
    model, log = train_model(encoded, "ic", change(Settings(), dim=8, batch=8, epochs=2))
    assert log.losses == [pytest.approx(0, abs=1e-6)] * 2
    start = make_rows(encoded, ("pt",), model.settings.encoder, 0, "shared").start(8)
    np.testing.assert_allclose(model.table, start, atol=1e-6)


CONTROL: list[dict[str, Any]] = [
    {"epochs": 3.0, "mixture": "temperature", "temperature": 1.0},
    {"epochs": 1.5, "batch": 7, "bigram_weight": 0.5, "min_count": 2, "top": 4},
    {"characters": (), "start": "random", "max_rows": 60, "similarity": "dot", "pooling": "mean"},
    {"every": False, "batching": "pairs", "unseen": False},
]


@pytest.mark.parametrize("options", CONTROL)
@pytest.mark.parametrize("task", ["nsp", "ic"])
def test_control_equals_alone(noisy: EncodedCorpus, options: dict[str, Any], task: Task) -> None:
    """With rows apart and one-language batches, a language has the vectors that it has alone, to the last bit."""
    settings = change(NOISE_SETTINGS, **options)
    together, both = train_model(noisy, task, settings, languages=("gl", "pt"), seed=2, sharing="separate")
    for language in ("gl", "pt"):
        alone, log = train_model(noisy, task, settings, languages=(language,), seed=2)
        assert log.drawn == {language: both.drawn[language]}
        vectors = sentence_vectors(alone, noisy, language)
        assert np.abs(vectors).max() > 0.01
        assert np.array_equal(sentence_vectors(together, noisy, language), vectors)
    pooled, _ = train_model(noisy, task, settings, languages=("gl", "pt"), seed=2)
    assert not np.array_equal(sentence_vectors(pooled, noisy, "pt"), vectors)


class Snapshots:
    """Keeps a copy of every state."""

    def __init__(self) -> None:
        self.states: dict[int, State] = {}

    def __call__(self, state: State) -> None:
        self.states[state.step] = copy.deepcopy(state)


def assert_same(one: tuple[Model, Any], other: tuple[Model, Any]) -> None:
    assert np.array_equal(one[0].table, other[0].table)
    for name in ("losses", "drawn", "passes", "curve"):
        assert getattr(one[1], name) == getattr(other[1], name)


@pytest.mark.parametrize("step", [1, 7, 20])
def test_resume_is_the_uninterrupted_run(noisy: EncodedCorpus, step: int) -> None:
    """From any step, bit for bit, losses and counts included; looking on changes nothing either."""
    settings = change(NOISE_SETTINGS, epochs=2.5)
    whole = train_model(noisy, "ic", settings, seed=1)
    snapshots = Snapshots()
    assert_same(train_model(noisy, "ic", settings, seed=1, keep=snapshots, keep_every=-1), whole)
    assert len(snapshots.states) == len(whole[1].losses) > 20
    assert_same(train_model(noisy, "ic", settings, seed=1, resume=snapshots.states[step]), whole)


def test_resume_with_a_learning_curve_and_early_stopping(noisy: EncodedCorpus) -> None:
    """The best table so far and the curve are part of the state."""
    settings = change(NOISE_SETTINGS, epochs=4, evaluations=8, patience=2)

    def run(**options: Any) -> tuple[Model, Any]:
        made = iter([0.1, 0.3, 0.2, 0.25, 0.9])
        done = len(options["resume"].log.curve) if "resume" in options else 0
        for _ in range(done):
            next(made)
        return train_model(noisy, "ic", settings, judge=lambda model: next(made), **options)

    snapshots = Snapshots()
    whole = run(keep=snapshots, keep_every=-1)
    assert [score for _, score in whole[1].curve] == [0.1, 0.3, 0.2, 0.25]
    for number, state in snapshots.states.items():
        if number % 5 == 0:
            assert_same(run(resume=state), whole)


def test_early_stopping_keeps_the_best(noisy: EncodedCorpus) -> None:
    """Judged evenly, the last step included; after two without a better one the table of the best is back."""
    settings = change(NOISE_SETTINGS, epochs=4, evaluations=5, patience=2)
    steps = count_steps(noisy, "ic", settings, LANGUAGES)
    tables: list[np.ndarray] = []
    scores = [0.1, 0.5, 0.5, 0.2, 0.9]

    def judge(model: Model) -> float:
        tables.append(model.table.copy())
        return scores[len(tables) - 1]

    model, log = train_model(noisy, "ic", settings, judge=judge)
    # 0.5 once more is no better one: two evaluations after the best, at four fifths, it stops
    assert [step for step, _ in log.curve] == [round(steps * k / 5) for k in (1, 2, 3, 4)]
    assert len(log.losses) == log.curve[-1][0] < steps
    assert np.array_equal(model.table, tables[1])
    tables.clear()
    scores = [0.1, 0.2, 0.3, 0.4, 0.5]
    model, log = train_model(noisy, "ic", settings, judge=judge)
    assert log.curve[-1] == (steps, 0.5)
    assert np.array_equal(model.table, tables[4])
    # without patience the last table stays, whatever the curve says
    tables.clear()
    scores = [0.5, 0.4, 0.3, 0.2, 0.1]
    model, log = train_model(noisy, "ic", change(settings, patience=0), judge=judge)
    assert [score for _, score in log.curve] == scores
    assert np.array_equal(model.table, tables[4])


def test_golden_loss(noisy: EncodedCorpus) -> None:
    """A fixed corpus and seed: the same losses as on the day this was written, on any machine to 1e-4."""
    losses = {}
    for task in ("nsp", "ic"):
        _, log = train_model(noisy, task, change(NOISE_SETTINGS, epochs=1, batch=64, scale=20.0), seed=0)  # type: ignore[arg-type]
        losses[task] = log.losses
    assert {task: len(found) for task, found in losses.items()} == {"nsp": 6, "ic": 11}
    for task, expected in GOLDEN.items():
        assert losses[task][: len(expected)] == pytest.approx(expected, abs=1e-4)


GOLDEN = {
    "nsp": [10.6556, 11.1246, 12.3875, 8.7775, 9.4230, 10.2916],
    "ic": [8.7353, 7.7433, 11.5235, 6.3304, 7.2519, 8.0684],
}


def test_the_seed_and_nothing_else_decides(noisy: EncodedCorpus) -> None:
    """The same seed, the same table; another seed another one; the order of the languages does not matter."""
    one, _ = train_model(noisy, "ic", NOISE_SETTINGS, seed=5)
    again, _ = train_model(noisy, "ic", NOISE_SETTINGS, seed=5, languages=("pt", "es", "gl"))
    other, _ = train_model(noisy, "ic", NOISE_SETTINGS, seed=6)
    assert np.array_equal(one.table, again.table)
    assert not np.array_equal(one.table, other.table)


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="one processor: there is only one thread count")
def test_the_kernels_threads_do_not_change_a_bit(noisy: EncodedCorpus) -> None:
    """One thread of the kernels and two: equal tables and losses, to the last bit."""
    threads = numba.get_num_threads()
    runs = []
    try:
        for used in (1, 2):
            numba.set_num_threads(used)
            runs.append(train_model(noisy, "ic", change(NOISE_SETTINGS, bigram_weight=0.5), seed=1))
    finally:
        numba.set_num_threads(threads)
    assert_same(*runs)


def test_threads_of_the_matrix_product(noisy: EncodedCorpus) -> None:
    """With one thread of BLAS and with two the losses agree to 1e-4."""
    from threadpoolctl import threadpool_limits

    losses = []
    for used in (1, 2):
        with threadpool_limits(used):
            losses.append(train_model(noisy, "ic", NOISE_SETTINGS, seed=1)[1].losses)
    np.testing.assert_allclose(losses[0], losses[1], atol=1e-4)


def test_the_log_counts(noisy: EncodedCorpus) -> None:
    """Pairs drawn, passes and shares, for a mixture that repeats the small ones."""
    settings = change(NOISE_SETTINGS, epochs=2, weights={"pt": 3.0, "gl": 1.0})
    _, log = train_model(noisy, "nsp", settings)
    sizes = {language: len(noisy.language(language).pairs("nsp", settings, "train")) for language in LANGUAGES}
    assert set(log.drawn) == {"gl", "pt"}
    total = 2 * sum(sizes.values())
    assert sum(log.drawn.values()) == pytest.approx(total, abs=settings.training.batch)
    assert drawn_shares(log)["pt"] == pytest.approx(0.75, abs=0.05)
    assert log.passes == {language: log.drawn[language] / sizes[language] for language in log.drawn}
    steps = schedule(sizes, settings.training)
    assert len(log.losses) == len(steps) == count_steps(noisy, "nsp", settings, LANGUAGES)


def test_it_learns(noisy: EncodedCorpus) -> None:
    """Losses fall: the last ten of thirty passes are under two thirds of the first ten batches."""
    _, log = train_model(noisy, "ic", change(NOISE_SETTINGS, epochs=30, dim=64, rate=0.1))
    assert np.mean(log.losses[-10:]) < 2 / 3 * np.mean(log.losses[:10])


def test_no_pass_gives_the_start_rows(noisy: EncodedCorpus) -> None:
    """Epochs 0 is a model that has learned nothing, and no error."""
    settings = change(NOISE_SETTINGS, epochs=0)
    model, log = train_model(noisy, "ic", settings, seed=3)
    assert np.array_equal(model.table, make_rows(noisy, LANGUAGES, settings.encoder, 3, "shared").start(24))
    assert log.losses == []


def test_languages_with_one_pair_and_none(tiny: EncodedCorpus) -> None:
    """They are passed over; where nothing else is there, the error says what to do."""
    _, log = train_model(tiny, "nsp", SETTINGS)
    assert set(log.drawn) == {"gl", "pt"}
    for task in ("nsp", "ic"):
        with pytest.raises(CorpusError, match="none of es has two training pairs; ingest more text"):
            train_model(tiny, task, SETTINGS, languages=("es",))  # type: ignore[arg-type]


def test_weights_of_strangers(tiny: EncodedCorpus) -> None:
    """A weight of a language that is not trained is refused."""
    with pytest.raises(SettingsError, match="weights name fr"):
        train_model(tiny, "nsp", change(SETTINGS, weights={"fr": 1.0}))


def test_a_text_without_words_has_the_zero_vector(noisy: EncodedCorpus) -> None:
    """In the midst of others, whatever the pooling and similarity; the others have length 1 with cosine."""
    for options in ({}, {"pooling": "mean"}, {"similarity": "dot", "pooling": "sqrt"}):
        model, _ = train_model(noisy, "ic", change(NOISE_SETTINGS, **options), languages=("pt",))
        ranges = Ranges(np.array([3, 5, 7, 9, 2]), np.array([4, 5, 8, 9, 3]), np.array([-1, -1, 7, -1, -1]))
        vectors = encode_ranges(model, noisy.language("pt"), ranges)
        assert not vectors[[1, 2, 3]].any()
        if model.settings.encoder.similarity == "cosine":
            np.testing.assert_allclose(np.linalg.norm(vectors[[0, 4]], axis=1), 1, rtol=1e-5)
        else:
            assert np.abs(vectors[[0, 4]]).max() > 0.1


def test_a_stranger_reads_through_the_rows_of_the_first(noisy: EncodedCorpus) -> None:
    """A language that was not trained has vectors all the same."""
    model, _ = train_model(noisy, "ic", NOISE_SETTINGS, languages=("gl", "pt"))
    assert model.rows_for("es") is model.rows["gl"]
    assert np.abs(sentence_vectors(model, noisy, "es")).max() > 0.1


@pytest.mark.parametrize("patience", [0, 2])
def test_more_rows_than_memory(noisy: EncodedCorpus, patience: int) -> None:
    """The error has settings that would fit, and they do."""
    settings = change(NOISE_SETTINGS, patience=patience)
    require_memory(1000, settings, (24 * 4 * (2 if patience else 1) + 4) * 1000)
    with pytest.raises(CapacityError, match=r"1,000 rows of 24 numbers need 0\.0 GiB") as error:
        require_memory(1000, settings, 50_000)
    found = re.search(r"dim=(\d+), max_rows=(\d+)", str(error.value))
    assert found is not None
    dim, rows = int(found[1]), int(found[2])
    require_memory(1000, change(settings, dim=dim), 50_000)
    require_memory(rows, settings, 50_000)
    assert dim >= 5
    with pytest.raises(CapacityError):
        require_memory(rows + 1, settings, 50_000)
    with pytest.raises(CapacityError):
        train_model(noisy, "ic", settings, memory=1000)


def test_progress_advances_once_a_batch(noisy: EncodedCorpus) -> None:
    """As many times as there are batches."""
    calls = count()

    class Counting:
        def advance(self, amount: float = 1) -> None:
            next(calls)

        def describe(self, text: str) -> None:
            raise AssertionError(text)

    _, log = train_model(noisy, "nsp", NOISE_SETTINGS, progress=Counting())
    assert next(calls) == len(log.losses)


@pytest.mark.parametrize("changes", [{}, {"similarity": "dot"}])
@pytest.mark.parametrize("rate", [1e18, 1e30, 1e38])
def test_a_training_that_diverges_stops_at_once(noisy: EncodedCorpus, rate: float, changes: dict[str, Any]) -> None:
    """Lengths that overflow, losses that are no numbers, a table that cannot be squared: never kept, never judged."""
    settings = change(NOISE_SETTINGS, rate=rate, epochs=2.0, evaluations=4, **changes)
    kept: list[bool] = []
    with pytest.raises(
        DivergenceError,
        match=rf"^ic: the training diverged at batch \d+ of \d+, .*lower rate \(now {re.escape(f'{rate:g}')};",
    ):
        train_model(
            noisy,
            "ic",
            settings,
            judge=lambda model: 0.5 if is_sound(model.table) else pytest.fail("judged"),
            keep=lambda state: kept.append(is_sound(state.table)),
            keep_every=0,
        )
    assert all(kept)


def test_a_sound_table() -> None:
    """Numbers that can be squared and summed; no NaN, nothing infinite."""
    assert is_sound(np.zeros((0, 4), np.float32)) and is_sound(np.full((2, 2), -1e14, np.float32))
    for wrong in (np.nan, np.inf, -np.inf, 1e16, -1e16):
        table = np.ones((3, 3), np.float32)
        table[1, 2] = wrong
        assert not is_sound(table)
