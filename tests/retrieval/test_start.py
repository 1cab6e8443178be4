"""Training that goes on from another model: the rows that it begins with, and those that are kept still."""

import copy
import re

import numpy as np
import polars as pl
import pytest
from tiny import NOISE_SETTINGS, encoded_tiny, noise, word

from sprachbund.errors import CapacityError, SettingsError
from sprachbund.lab.carry import RowMap, identical
from sprachbund.ngrams.start_rows import start_row
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.encoder.rows import make_rows
from sprachbund.retrieval.encoder.start import Start, as_counted, begin
from sprachbund.retrieval.encoder.training import State, count_steps, train_model
from sprachbund.retrieval.settings import change

pytestmark = pytest.mark.usefixtures("one_thread")

SETTINGS = change(NOISE_SETTINGS, dim=16, characters=(4,), epochs=2.0)
STILL = change(SETTINGS, epochs=0.0)


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    """Random sentences of three languages that share a third of their words; of pt's some are es's and a letter."""
    spelt = {word(2_000 + i): f"{word(3_000 + i)}x" for i in range(20, 60, 2)}
    documents = [
        (
            language,
            name,
            group,
            [[" ".join(spelt.get(w, w) for w in text.split()) for text in part] for part in sections],
        )
        for language, name, group, sections in noise(documents=30)
    ]
    return encoded_tiny(tmp_path_factory.mktemp("start"), documents, SETTINGS)


@pytest.fixture(scope="module")
def spanish(encoded: EncodedCorpus) -> Model:
    """A model of es alone."""
    return train_model(encoded, "ic", SETTINGS, languages=("es",), seed=5)[0]


def by_id(model: Model, language: str) -> dict[int, list[float]]:
    """The row of each n-gram that has one."""
    row = model.rows[language].row
    assert isinstance(model.table, np.ndarray)
    return {int(i): model.table[row[i]].tolist() for i in np.flatnonzero(row >= 0)}


def own_ids(encoded: EncodedCorpus, language: str) -> set[int]:
    """The n-grams of a language that get a row."""
    return set(make_rows(encoded, [language], SETTINGS.encoder, 0, "shared").ids.tolist())


def test_without_a_start_nothing_changes(encoded: EncodedCorpus) -> None:
    """The rows, the bits and the log are those of a training that knows no start."""
    layout = make_rows(encoded, ["pt"], SETTINGS.encoder, 0, "shared")
    beginning = begin(encoded, layout, SETTINGS, 0, None)
    assert beginning.table().tobytes() == layout.start(16).tobytes()
    assert beginning.ids is layout.ids and beginning.rows is layout.rows
    assert beginning.moved(0, 9, "pt") is layout.rows["pt"].row
    assert train_model(encoded, "ic", STILL, languages=("pt",))[1].carried == {}


def test_same_keeps_every_row_and_grows(encoded: EncodedCorpus, spanish: Model) -> None:
    """Rows of es stay to the last bit, n-grams that only pt has get the start rows that they would have had."""
    model, log = train_model(encoded, "ic", STILL, languages=("pt",), seed=3, start=Start(spanish))
    found, before = by_id(model, "pt"), by_id(spanish, "es")
    spanish_ids, portuguese = own_ids(encoded, "es"), own_ids(encoded, "pt")
    assert found.keys() == spanish_ids | portuguese
    assert all(found[i] == before[i] for i in spanish_ids)
    assert np.array_equal(model.table[: len(spanish.table)], spanish.table)
    plain = by_id(train_model(encoded, "ic", STILL, languages=("pt",), seed=3)[0], "pt")
    assert all(found[i] == plain[i] for i in portuguese - spanish_ids)
    assert log.carried == {
        "identical": len(portuguese & spanish_ids), "near": 0, "given": 0, "fresh": len(portuguese - spanish_ids),
        "kept": len(spanish_ids - portuguese),
    }  # fmt: skip
    assert model.ids.tolist() == [*spanish.ids.tolist(), *sorted(portuguese - spanish_ids)]


def test_a_start_is_not_written_to(encoded: EncodedCorpus, spanish: Model) -> None:
    """Training changes its own table."""
    before = spanish.table.tobytes()
    for carry in ("same", "near"):
        train_model(encoded, "ic", SETTINGS, languages=("pt",), start=Start(spanish, carry))  # type: ignore[arg-type]
    assert spanish.table.tobytes() == before


def test_near_gives_rows_to_the_n_grams_of_the_new_text_alone(encoded: EncodedCorpus, spanish: Model) -> None:
    """The same n-gram has its bits; what is one or two edits away in its kind has those; the rest begins fresh."""
    model, log = train_model(encoded, "ic", STILL, languages=("pt",), start=Start(spanish, "near"))
    found, before = by_id(model, "pt"), by_id(spanish, "es")
    plain = by_id(train_model(encoded, "ic", STILL, languages=("pt",))[0], "pt")
    strings, orders = encoded.vocabulary().strings.to_list(), encoded.ngrams.orders
    portuguese, spanish_ids = own_ids(encoded, "pt"), own_ids(encoded, "es")
    assert found.keys() == portuguese
    told = {"identical": 0, "near": 0, "given": 0, "fresh": 0, "kept": 0}
    for i in portuguese:
        alike = [j for j in spanish_ids if orders[i] == orders[j] and is_near(strings[i], strings[j])]
        if i in spanish_ids:
            told["identical"] += 1
            assert found[i] == before[i]
        elif alike:
            told["near"] += 1
            assert found[i] in [before[j] for j in alike]
        else:
            told["fresh"] += 1
            assert found[i] == plain[i]
    assert log.carried == told and min(told["identical"], told["near"], told["fresh"]) > 10


def is_near(one: str, other: str) -> bool:
    """One edit from four letters, two from eight: by patterns, where ``.`` is any letter or none."""
    short = min(len(one), len(other))
    patterns = [re.escape(one[:i]) + ".?" + re.escape(one[k:]) for i in range(len(one) + 1) for k in (i, i + 1)]
    if short >= 4 and abs(len(one) - len(other)) <= 1 and any(re.fullmatch(p, other) for p in patterns):
        return True
    row = list(range(len(other) + 1))
    for i, left in enumerate(one):
        now = [i + 1]
        for j, right in enumerate(other):
            now.append(min(row[j] + (left != right), row[j + 1] + 1, now[j] + 1))
        row = now
    return short >= 8 and row[-1] <= 2


def test_a_table_says_where_rows_come_from(encoded: EncodedCorpus, spanish: Model) -> None:
    """What a person writes in capitals is the word; means are weighted; where it says nothing the same n-gram is."""
    strings, orders = encoded.vocabulary().strings.to_list(), encoded.ngrams.orders
    words = {strings[i]: i for i in own_ids(encoded, "es") if orders[i] == 1}
    only = sorted(i for i in own_ids(encoded, "pt") - own_ids(encoded, "es") if orders[i] == 1)
    one, other = sorted(words)[:2]
    table = {strings[only[0]].upper(): one.capitalize(), strings[only[1]]: {one: 1.0, other: 3.0}}
    model, log = train_model(encoded, "ic", STILL, languages=("pt",), start=Start(spanish, "table", table))
    found, before = by_id(model, "pt"), by_id(spanish, "es")
    assert found[only[0]] == before[words[one]]
    mean = 0.25 * np.array(before[words[one]]) + 0.75 * np.array(before[words[other]])
    np.testing.assert_allclose(found[only[1]], mean, rtol=1e-6, atol=1e-7)
    both = own_ids(encoded, "pt") & own_ids(encoded, "es")
    assert all(found[i] == before[i] for i in both)
    assert log.carried["given"] == 2 and log.carried["identical"] == len(both) and log.carried["near"] == 0


def test_a_row_map_from_outside_is_taken_as_it_is(encoded: EncodedCorpus, spanish: Model) -> None:
    """From the ids of the vocabulary to the start's rows; one of another size is refused."""
    vocabulary = encoded.vocabulary()
    given = identical(np.asarray(vocabulary.keys), np.asarray(encoded.ngrams.keys[spanish.ids]))
    by_map = train_model(encoded, "ic", STILL, languages=("pt",), start=Start(spanish, "table", given))[0]
    empty = {"nothing": "here"}
    with pytest.raises(SettingsError, match="none of its 1 rows"):
        train_model(encoded, "ic", STILL, languages=("pt",), start=Start(spanish, "table", empty))
    by_word, log = train_model(encoded, "ic", STILL, languages=("pt",), start=Start(spanish, "identical"))
    assert by_word.table.tobytes() == by_map.table.tobytes() and log.carried["near"] == 0
    found, before = by_id(by_map, "pt"), by_id(spanish, "es")
    assert all(found[i] == before[i] for i in own_ids(encoded, "pt") & own_ids(encoded, "es"))
    wrong = RowMap.single(np.zeros(3, np.int32), 1, 3)
    with pytest.raises(SettingsError, match=f"from {len(vocabulary):,} n-grams to {len(spanish.table):,} rows"):
        train_model(encoded, "ic", STILL, languages=("pt",), start=Start(spanish, "table", wrong))


def test_the_placebo_begins_from_the_wrong_rows(encoded: EncodedCorpus, spanish: Model) -> None:
    """As many n-grams of each kind begin from rows of the start as with near, and nearly none from its own."""
    real = train_model(encoded, "ic", STILL, languages=("pt",), start=Start(spanish, "near"))
    wrong = train_model(encoded, "ic", STILL, languages=("pt",), start=Start(spanish, "permuted"))
    assert wrong[1].carried == real[1].carried
    carried = own_ids(encoded, "pt") & own_ids(encoded, "es")
    right = sum(by_id(wrong[0], "pt")[i] == by_id(real[0], "pt")[i] for i in carried)
    assert right < len(carried) / 10
    assert sorted(by_id(wrong[0], "pt").values()) == sorted(by_id(real[0], "pt").values())
    again = train_model(encoded, "ic", STILL, languages=("pt",), seed=1, start=Start(spanish, "permuted"))[0]
    assert by_id(again, "pt") != by_id(wrong[0], "pt")


@pytest.mark.parametrize("carry", ["same", "near"])
def test_frozen_rows_are_still_until_they_are_freed(encoded: EncodedCorpus, spanish: Model, carry: str) -> None:
    """With half of the batches: carried rows have their bits until then and move after; fresh ones learn all along."""
    states: list[State] = []
    steps = count_steps(encoded, "ic", SETTINGS, ("pt",))
    half = -(-steps // 2)
    train_model(
        encoded, "ic", SETTINGS, languages=("pt",), start=Start(spanish, carry, frozen=0.5),  # type: ignore[arg-type]
        keep=lambda state: states.append(copy.deepcopy(state)), keep_every=-1.0,
    )  # fmt: skip
    layout = make_rows(encoded, ["pt"], SETTINGS.encoder, 0, "shared")
    beginning = begin(encoded, layout, SETTINGS, 0, Start(spanish, carry))  # type: ignore[arg-type]
    first, carried = beginning.table(), np.ones(len(beginning.ids), bool)
    assert beginning.moving is not None
    carried[beginning.moving[beginning.moving >= 0]] = False
    assert 0 < carried.sum() < len(carried)
    for state in states:
        moved = np.any(state.table != first, axis=1)
        assert not moved[carried].any() or state.step > half
        assert not state.accumulators[carried].any() or state.step > half
        assert moved[~carried].any()
    assert states[half - 1].step == half and np.any(states[half].table[carried] != first[carried])


def test_frozen_to_the_end_and_not_at_all(encoded: EncodedCorpus, spanish: Model) -> None:
    """1 keeps what was carried over to the end; 0 is the same as no word of it."""
    whole = train_model(encoded, "ic", SETTINGS, languages=("pt",), start=Start(spanish, frozen=1.0))[0]
    assert np.array_equal(whole.table[: len(spanish.table)], spanish.table)
    assert not np.array_equal(whole.table[len(spanish.table) :], np.zeros_like(whole.table[len(spanish.table) :]))
    free = train_model(encoded, "ic", SETTINGS, languages=("pt",), start=Start(spanish))[0]
    assert not np.array_equal(free.table[: len(spanish.table)], spanish.table)
    with pytest.raises(SettingsError, match=r"from 0 to 1, found 1\.5"):
        Start(spanish, frozen=1.5)
    with pytest.raises(SettingsError, match="from 0 to 1, found nan"):
        Start(spanish, frozen=float("nan"))


def test_a_chain_keeps_what_came_before(encoded: EncodedCorpus, spanish: Model) -> None:
    """es, then gl, then pt, kept still: the rows of each are those of the model that first had them."""
    galician = train_model(encoded, "ic", SETTINGS, languages=("gl",), start=Start(spanish, frozen=1.0))[0]
    last = train_model(encoded, "ic", SETTINGS, languages=("pt",), start=Start(galician, frozen=1.0))[0]
    found, first, second = by_id(last, "pt"), by_id(spanish, "es"), by_id(galician, "gl")
    assert all(found[i] == row for i, row in first.items())
    assert all(found[i] == row for i, row in second.items())
    assert found.keys() == own_ids(encoded, "es") | own_ids(encoded, "gl") | own_ids(encoded, "pt")
    # and nearness is seen among all rows of the chain
    near = train_model(encoded, "ic", STILL, languages=("pt",), start=Start(galician, "near"))[1]
    assert near.carried["identical"] == len(own_ids(encoded, "pt") & second.keys())


@pytest.mark.parametrize(("carry", "frozen"), [("same", 0.5), ("near", 0.3), ("permuted", 0.0)])
def test_a_killed_training_ends_with_the_same_bits(
    encoded: EncodedCorpus, spanish: Model, carry: str, frozen: float
) -> None:
    """From the state of any batch, before and after rows are freed."""
    start = Start(spanish, carry, frozen=frozen)  # type: ignore[arg-type]
    states: list[State] = []
    whole = train_model(
        encoded, "ic", SETTINGS, languages=("pt",), start=start,
        keep=lambda state: states.append(copy.deepcopy(state)), keep_every=-1.0,
    )  # fmt: skip
    for state in (states[0], states[len(states) // 2], states[-1]):
        again = train_model(encoded, "ic", SETTINGS, languages=("pt",), start=start, resume=copy.deepcopy(state))
        assert again[0].table.tobytes() == whole[0].table.tobytes()
        assert again[1].carried == whole[1].carried


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dim": 8}, "dim is 8 and the start's 16"),
        ({"characters": (5,), "power": 1.0}, r"characters is \[5\] and the start's \[4\]; power is 1.0 and the"),
        ({"similarity": "dot"}, "similarity is dot and the start's cosine"),
    ],
)
def test_another_shape_is_refused(
    encoded: EncodedCorpus, spanish: Model, changes: dict[str, object], said: str
) -> None:
    """The settings that differ are named with both values; what shapes no row may differ."""
    with pytest.raises(SettingsError, match=said):
        train_model(encoded, "ic", change(SETTINGS, **changes), languages=("pt",), start=Start(spanish))
    train_model(encoded, "nsp", change(STILL, min_count=2, rate=0.5, start="random"), start=Start(spanish))


def test_what_cannot_be_gone_on_from(encoded: EncodedCorpus, tiny: EncodedCorpus, spanish: Model) -> None:
    """Rows of its own for each language, ids of another corpus, words that are none, and too little memory."""
    apart = train_model(encoded, "ic", STILL, languages=("es", "gl"), sharing="separate")[0]
    with pytest.raises(SettingsError, match="the start must have languages that share their rows, found 2"):
        train_model(encoded, "ic", SETTINGS, languages=("pt",), start=Start(apart))
    with pytest.raises(SettingsError, match="goes on from another must have languages that share"):
        train_model(encoded, "ic", SETTINGS, languages=("pt", "gl"), sharing="separate", start=Start(spanish))
    foreign = train_model(tiny, "ic", change(STILL, epochs=0.0), languages=("pt",))[0]
    with pytest.raises(SettingsError, match=r"open it with Encoder\.in_corpus"):
        train_model(encoded, "ic", SETTINGS, languages=("pt",), start=Start(foreign))
    with pytest.raises(SettingsError, match="carry must be one of same, identical, near, table, permuted, found 'all'"):
        Start(spanish, "all")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="takes a table"):
        Start(spanish, "table")
    rows = len(own_ids(encoded, "es") | own_ids(encoded, "pt"))
    needed = rows * (16 * 4 + 4) + spanish.table.nbytes
    train_model(encoded, "ic", STILL, languages=("pt",), start=Start(spanish), memory=needed)
    with pytest.raises(CapacityError):
        train_model(encoded, "ic", STILL, languages=("pt",), start=Start(spanish), memory=needed - 1)


def test_what_a_person_writes_is_read_as_text_is() -> None:
    """Words in lower case, bigrams with one space; an n-gram that is known stays as it is, with its marks."""
    known = pl.Series(["<cas", "casa"])
    given = pl.Series(["CASA", "<cas", "New  York", "Caf\u00e9!", "<Cas"])
    assert as_counted(given, known).to_list() == ["casa", "<cas", "new york", "caf\u00e9", "cas"]


def test_fresh_rows_are_those_of_their_key_and_seed(encoded: EncodedCorpus, spanish: Model) -> None:
    """A row behind those of the start is signs that follow from the n-gram's key and the new seed."""
    model = train_model(encoded, "ic", STILL, languages=("pt",), seed=9, start=Start(spanish))[0]
    size = len(spanish.table)
    for row in (size, len(model.table) - 1):
        signs = start_row(int(encoded.ngrams.keys[model.ids[row]]), 16, 9)
        assert np.sign(model.table[row]).tolist() == np.sign(signs).tolist()
    assert model.rows["pt"].seed == 9
