"""How many batches each language gets, how they lie, and that every pass holds every pair once."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st

from sprachbund.errors import SettingsError
from sprachbund.retrieval.encoder.mixture import Draws, Step, batches_of, schedule, shares
from sprachbund.retrieval.encoder.pairs import Pairs
from sprachbund.retrieval.settings import TrainingSettings


def test_shares_by_hand() -> None:
    """900 and 100 pairs: nine to one as they are, three to one at temperature 2; weights win over both."""
    pairs = {"aa": 900, "bb": 100}
    assert shares(pairs, TrainingSettings()) == pytest.approx({"aa": 0.9, "bb": 0.1})
    assert shares(pairs, TrainingSettings(temperature=2)) == pytest.approx({"aa": 0.9, "bb": 0.1})
    warm = TrainingSettings(mixture="temperature", temperature=2)
    assert shares(pairs, warm) == pytest.approx({"aa": 0.75, "bb": 0.25})
    weighted = TrainingSettings(mixture="temperature", temperature=2, weights={"aa": 1, "bb": 4})
    assert shares(pairs, weighted) == pytest.approx({"aa": 0.2, "bb": 0.8})
    assert shares(pairs, TrainingSettings(weights={"bb": 2})) == {"aa": 0.0, "bb": 1.0}


def test_weights_that_cannot_be() -> None:
    """A stranger is named; weights that sum to nothing are refused."""
    with pytest.raises(SettingsError, match="weights name cc, dd, but the languages are aa, bb"):
        shares({"aa": 1, "bb": 1}, TrainingSettings(weights={"dd": 1, "aa": 1, "cc": 1}))
    with pytest.raises(SettingsError, match="the weights of aa, bb sum to 0"):
        shares({"aa": 1, "bb": 1}, TrainingSettings(weights={"aa": 0}))


def test_the_number_of_pairs_does_not_depend_on_the_mixture() -> None:
    """4,000 pairs are 40 batches of 100 in any mixture; evened out, the small language is repeated five times."""
    pairs = {"aa": 3600, "bb": 400}
    for settings, expected in (
        (TrainingSettings(epochs=1, batch=100), {"aa": 36, "bb": 4}),
        (TrainingSettings(epochs=1, batch=100, mixture="temperature", temperature=1e9), {"aa": 20, "bb": 20}),
        (TrainingSettings(epochs=1, batch=100, weights={"aa": 1, "bb": 3}), {"aa": 10, "bb": 30}),
        (TrainingSettings(epochs=1, batch=100, weights={"aa": 1}), {"aa": 40}),
    ):
        assert Counter(step.language for step in schedule(pairs, settings)) == expected


def test_batches_lie_evenly() -> None:
    """Two languages of three and one batches: the k-th of n at (k + 1/2) / n of the way, ties by code."""
    steps = schedule({"bb": 30, "aa": 10}, TrainingSettings(epochs=1, batch=10))
    assert steps == [Step("bb", 0, 3), Step("aa", 0, 1), Step("bb", 1, 3), Step("bb", 2, 3)]


@run(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["aa", "bb", "cc", "dd"]), st.integers(2, 3000), min_size=1),
    st.sampled_from([0.5, 1.0, 1.5, 2.5, 3.0, 10.0]),
    st.integers(2, 64),
)
def test_company_does_not_matter(pairs: dict[str, int], epochs: float, batch: int) -> None:
    """In the natural mixture a language has the very batches that it has alone, half-way roundings included."""
    chosen = TrainingSettings(epochs=epochs, batch=batch)
    together = schedule(pairs, chosen)
    for language, count in pairs.items():
        own = [step for step in together if step.language == language]
        assert own == schedule({language: count}, chosen)
        assert [step.number for step in own] == list(range(len(own)))
        assert {step.of for step in own} == {len(own)}


def test_half_an_epoch_is_rounded_alike() -> None:
    """Of 35 pairs in seven batches, an epoch and a half is ten batches and a half, in any company."""
    settings = TrainingSettings(epochs=1.5, batch=5)
    alone = len(schedule({"aa": 35}, settings))
    for company in range(2, 400):
        together = schedule({"aa": 35, "bb": company}, settings)
        assert sum(step.language == "aa" for step in together) == alone


def test_languages_too_small_for_a_batch() -> None:
    """A language of one pair or none is left out, and where there is no other there is no batch."""
    settings = TrainingSettings(batch=10)
    assert {step.language for step in schedule({"aa": 50, "bb": 1, "cc": 0}, settings)} == {"aa"}
    assert schedule({"bb": 1}, settings) == []
    assert schedule({"bb": 0, "cc": 0}, settings) == []
    assert schedule({"aa": 50}, TrainingSettings(epochs=0)) == []


def test_a_small_language_has_a_batch_at_least() -> None:
    """However small its share; and a pass has one batch at least."""
    steps = schedule({"aa": 100_000, "bb": 3}, TrainingSettings(epochs=1, batch=1000))
    assert sum(step.language == "bb" for step in steps) == 1
    assert [batches_of(pairs, 10) for pairs in (2, 14, 16, 100)] == [1, 1, 2, 10]


def text(*documents: int) -> tuple[Pairs, np.ndarray, np.ndarray]:
    """Documents of so many sentences, each sentence a query; sections are of three sentences."""
    numbers = np.repeat(np.arange(len(documents)), documents).astype(np.int32)
    places = np.concatenate([np.arange(size) for size in documents])
    sections = np.cumsum(np.r_[True, (numbers[1:] != numbers[:-1]) | (places[1:] % 3 == 0)]).astype(np.int32) - 1
    rows = np.arange(len(numbers))
    return Pairs(rows, rows, rows + 1), numbers, sections


SIZES = (7, 1, 12, 3, 5, 9, 2, 30)


@pytest.mark.parametrize("batching", ["documents", "pairs"])
def test_every_pass_holds_every_pair_once(batching: str) -> None:
    """In batches of nearly one size; passes differ, and a batch is the same whenever it is asked for."""
    pairs, documents, sections = text(*SIZES)
    settings = TrainingSettings(batch=10, batching=batching, run=4)  # type: ignore[arg-type]
    draws = Draws(pairs, documents, sections, settings, True, 3)
    assert (draws.size, draws.batches_a_pass) == (69, 7)
    passes = [[draws[7 * n + b].query for b in range(7)] for n in range(3)]
    for batches in passes:
        assert sorted(np.concatenate(batches)) == list(range(69))
        assert {len(batch) for batch in batches} <= {9, 10}
    assert not np.array_equal(np.concatenate(passes[0]), np.concatenate(passes[1]))
    again = Draws(pairs, documents, sections, settings, True, 3)
    assert np.array_equal(again[15].query, passes[2][1])
    assert np.array_equal(draws[3].query, passes[0][3])
    other = Draws(pairs, documents, sections, settings, True, 4)
    assert not np.array_equal(other[0].query, passes[0][0])


def test_runs_of_a_document_stay_together() -> None:
    """Within a pass, the pairs of a document come in runs of four, the last of what is left, in their order."""
    pairs, documents, sections = text(*SIZES)
    draws = Draws(pairs, documents, sections, TrainingSettings(batch=10, run=4), True, 0)
    order = np.concatenate([draws[number].query for number in range(draws.batches_a_pass)])
    expected = []
    row = 0
    for size in SIZES:
        expected += [tuple(range(row + low, row + min(low + 4, size))) for low in range(0, size, 4)]
        row += size
    found = []
    while len(order):
        run = next(run for run in expected if run[0] == order[0])
        assert tuple(order[: len(run)]) == run
        found.append(run)
        order = order[len(run) :]
    assert sorted(found) == expected
    assert found != expected


def test_pairs_are_shuffled_one_by_one() -> None:
    """With ``pairs`` hardly any neighbour stays a neighbour."""
    pairs, documents, sections = text(600)
    draws = Draws(pairs, documents, sections, TrainingSettings(batch=600, batching="pairs"), True, 0)
    assert np.count_nonzero(np.diff(draws[0].query) == 1) < 10


def test_one_pair_a_section() -> None:
    """As the paper draws: a fresh pair of each section every pass, and a pass is as long as there are sections."""
    pairs, documents, sections = text(*SIZES)
    draws = Draws(pairs, documents, sections, TrainingSettings(batch=5), False, 0)
    count = len(np.unique(sections))
    assert draws.size == count == 3 + 1 + 4 + 1 + 2 + 3 + 1 + 10
    seen = set()
    for number in range(20):
        first = number * draws.batches_a_pass
        drawn = np.concatenate([draws[first + batch].query for batch in range(draws.batches_a_pass)])
        assert sorted(sections[drawn]) == list(range(count))
        seen.update(drawn.tolist())
    assert seen == set(range(69))
