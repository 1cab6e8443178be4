"""Row maps: what they carry over, and the controls."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprachbund.errors import SettingsError
from sprachbund.lab import carry
from sprachbund.lab.carry import RowMap, apply, combine, identical, near, permuted


def rows_of(found: RowMap) -> list[dict[int, float]]:
    """The starts and weights of each target."""
    return [
        dict(zip(found.rows[a:b].tolist(), found.weights[a:b].tolist(), strict=True))
        for a, b in zip(found.offsets[:-1], found.offsets[1:], strict=True)
    ]


def test_a_target_begins_from_its_rows() -> None:
    """One row is copied to the last bit, several are their weighted mean, none leaves the fresh row."""
    found = RowMap(
        np.array([0, 1, 3, 3]), np.array([2, 0, 1], np.int32), np.array([1, 0.25, 0.75], np.float32),
        np.array([carry.NEAR, carry.GIVEN, carry.NONE], np.uint8), 3,
    )  # fmt: skip
    table = np.array([[4, -8], [8, 4], [0.1, np.float32(1e-45)]], np.float32)
    fresh = np.full((3, 2), 7, np.float32)
    got = apply(found, table, fresh)
    assert got.dtype == np.float32
    assert got.tobytes() == np.array([table[2], [7, 1], [7, 7]], np.float32).tobytes()
    assert fresh.tolist() == [[7, 7]] * 3  # not written to
    assert found.summary() == {"identical": 0, "near": 1, "given": 1, "none": 1}
    assert found.mapped.tolist() == [True, True, False]


def test_means_of_many_rows_are_the_same_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mean is numpy's own, however many targets are summed at a time."""
    generator = np.random.default_rng(0)
    sizes = generator.integers(0, 5, 40)
    weights = [generator.dirichlet(np.ones(n)) for n in sizes if n]
    rows = [generator.choice(30, n, replace=False) for n in sizes if n]
    found = RowMap(
        np.concatenate(([0], np.cumsum(sizes))), np.concatenate(rows).astype(np.int32),
        np.concatenate(weights).astype(np.float32), np.where(sizes, carry.GIVEN, carry.NONE).astype(np.uint8), 30,
    )  # fmt: skip
    table, fresh = (generator.normal(size=(n, 6)).astype(np.float32) for n in (30, 40))
    dense = np.zeros((40, 30))
    for target, row in enumerate(rows_of(found)):
        for start, weight in row.items():
            dense[target, start] = weight
    expected = np.where(found.mapped[:, None], dense @ table, fresh)
    whole = apply(found, table, fresh)
    np.testing.assert_allclose(whole, expected, rtol=1e-6, atol=1e-6)
    monkeypatch.setattr("sprachbund.lab.row_map._BLOCK", 1)
    assert apply(found, table, fresh).tobytes() == whole.tobytes()


@pytest.mark.parametrize(
    ("offsets", "rows", "weights", "how", "said"),
    [
        ([0, 1], [3], [1], [1], "rows from 0 to 2, found 3 to 3"),
        ([0, 1], [-1], [1], [1], "rows from 0 to 2, found -1 to -1"),
        ([0, 2], [0, 1], [0.5, 0.6], [1], "1 in sum"),
        ([0, 2], [0, 1], [1.5, -0.5], [1], "above 0"),
        ([0, 1], [0], [np.nan], [1], "above 0"),
        ([0, 1], [0], [1], [0], "do not fit"),
        ([0, 0], [], [], [1], "do not fit"),
        ([0, 2], [0], [1], [1], "do not fit"),
        ([0, 1, 0], [0], [1], [1, 0], "do not fit"),
    ],
)
def test_arrays_that_are_no_map_are_refused(
    offsets: list[int], rows: list[int], weights: list[float], how: list[int], said: str
) -> None:
    """A row that the start lacks, weights that are no mean, and arrays of other lengths."""
    with pytest.raises(SettingsError, match=said):
        RowMap(
            np.array(offsets, np.int64), np.array(rows, np.int32), np.array(weights, np.float32),
            np.array(how, np.uint8), 3,
        )  # fmt: skip


def test_tables_of_other_shapes_are_refused() -> None:
    """A map is of so many starts and targets, and says which were found."""
    found = identical(["a", "b"], ["b"])
    with pytest.raises(SettingsError, match=r"1 rows and 2 fresh ones .* found \[2, 3\] and \[2, 3\]"):
        apply(found, np.zeros((2, 3), np.float32), np.zeros((2, 3), np.float32))
    with pytest.raises(SettingsError, match=r"found \[1, 3\] and \[2, 4\]"):
        apply(found, np.zeros((1, 3), np.float32), np.zeros((2, 4), np.float32))
    with pytest.raises(SettingsError, match="of the same targets and starts"):
        combine(found, identical(["a", "b"], ["b", "c"]))


def test_the_same_key_is_carried_over() -> None:
    """Numbers and strings alike; of strings every normal form; of a key that the start has twice the first."""
    keys = identical(np.array([9, 1 << 63, 5], np.uint64), np.array([5, 9, 9], np.uint64))
    assert rows_of(keys) == [{1: 1}, {}, {0: 1}]
    assert rows_of(identical(["caf\u00e9", "casa"], ["cafe\u0301"])) == [{0: 1}, {}]
    assert rows_of(identical(["a", "a"], ["a", "a"], kinds=[1, 2], start_kinds=[2, 1])) == [{1: 1}, {0: 1}]
    assert rows_of(identical([], ["a"])) == [] and rows_of(identical(["a"], [])) == [{}]
    with pytest.raises(SettingsError, match="alike"):
        identical(["a"], np.array([1], np.uint64))
    with pytest.raises(SettingsError, match="as strings"):
        identical(np.array([1.5]), np.array([1.5]))  # type: ignore[arg-type]


def test_what_is_near_in_spelling() -> None:
    """One edit from four letters, two from eight; one before two, then the more frequent, then the first by letters."""
    starts = ["casa", "cosas", "casaz", "gata", "universidad", "universidade", "sal", "governo", "casat"]
    counts = [50, 1, 3, 7, 9, 1, 99, 4, 3]
    targets = [
        "casa",  # the same
        "casas",  # one edit from casa, cosas, casaz, casat: the most frequent
        "casax",  # from casa too
        "kasat",  # one from casat, and two from casa: too short for two
        "gatas",
        "sol",  # too short for any
        "universitate",  # two from universidade, three from universidad
        "universidat",  # one from universidad, one from universidade: the more frequent
        "gobierno",  # three
        "goberno",  # one
    ]
    found = near(targets, starts, counts)
    assert [next(iter(row), None) for row in rows_of(found)] == [0, 0, 0, 8, 3, None, 5, 4, None, 7]
    assert found.summary() == {"identical": 1, "near": 7, "given": 0, "none": 2}
    tied = near(["casap"], ["casat", "casaz", "casab"], [3, 3, 2])
    assert rows_of(tied) == [{0: 1}]


@pytest.mark.parametrize(
    ("target", "start"),
    [
        ("українець", "украинець"),
        ("كتابها", "كتابهم"),
        ("हिन्दी", "हिंदी"),  # two edits of five and six: too many
        ("विद्यालय", "विद्यलय"),
        ("한국사람", "한국사람이"),
        ("北京大学", "北京大學"),
        ("\u0b95\u0bca\u0b9f\u0bc1", "\u0b95\u0bc6\u0bbe\u0b9f\u0bc1"),  # the same vowel sign, composed and not
    ],
)
def test_every_script_is_compared_by_its_code_points(target: str, start: str) -> None:
    """An edit is a code point of the NFC form."""
    expected = [] if target == "हिन्दी" else [0]
    assert near([target], [start], [1]).rows.tolist() == expected


def test_strings_meet_inside_their_kind_alone() -> None:
    """A word is no neighbour of a run of characters, though spelt nearly as it."""
    found = near(["casas", "casas"], ["casa", "casaz"], [1, 1], kinds=[1, -5], start_kinds=[1, -5])
    assert rows_of(found) == [{0: 1}, {1: 1}]


def test_what_is_very_long_has_only_the_same() -> None:
    """Strings of more than 32 code points are not compared, which bounds the work."""
    long = "a" * 33
    found = near([long, long + "b", "a" * 32], [long, "a" * 31], [1, 1])
    assert rows_of(found) == [{0: 1}, {}, {1: 1}]


def distance(one: str, other: str) -> int:
    """Levenshtein's distance, by the definition."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one):
        now = [i + 1]
        for j, right in enumerate(other):
            now.append(min(row[j] + (left != right), row[j + 1] + 1, now[j] + 1))
        row = now
    return row[-1]


def nearest(target: str, starts: list[str], counts: list[int]) -> int | None:
    """What `near` must find, by comparing with every start."""
    if target in starts:
        return starts.index(target)
    found = []
    for place, start in enumerate(starts):
        edits = distance(target, start)
        if edits <= 2 and min(len(target), len(start)) >= 4 * edits:
            found.append((edits, -counts[place], start, place))
    return min(found)[-1] if found else None


ALPHABETS = ("ab", "aeiost", "абвгд", "ابتث", "कखािी्", "한국어사람", "中文字", "aа한中ا𐍈")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_near_is_what_comparing_all_with_all_finds(data: st.DataObject) -> None:
    """In every script, for strings with many neighbours and with none."""
    word = st.text(data.draw(st.sampled_from(ALPHABETS)), min_size=1, max_size=12)
    base = data.draw(st.lists(word, min_size=1, max_size=12))
    edited = st.builds(
        lambda text, place, new: text[:place] + new + text[place + len(new) :],
        st.sampled_from(base), st.integers(0, 11), word,
    )  # fmt: skip
    targets = data.draw(st.lists(st.one_of(word, edited), min_size=1, max_size=12))
    counts = data.draw(st.lists(st.integers(1, 3), min_size=len(base), max_size=len(base)))
    found = near(targets, base, counts)
    expected = [nearest(target, base, counts) for target in targets]
    assert [next(iter(row), None) for row in rows_of(found)] == expected


@pytest.mark.parametrize("entries", [1, 40])
def test_parts_of_the_buckets_find_the_same(entries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However little is put into buckets at a time."""
    generator = np.random.default_rng(1)
    words = ["".join(generator.choice(list("abc"), generator.integers(3, 12))) for _ in range(300)]
    counts = generator.integers(1, 4, 150).tolist()
    whole = near(words[150:], words[:150], counts)
    monkeypatch.setattr("sprachbund.lab.near._ENTRIES", entries)
    assert near(words[150:], words[:150], counts).rows.tolist() == whole.rows.tolist()
    assert whole.summary()["near"] > 50


def test_the_first_map_goes_before_the_second() -> None:
    """Where the first has a row it counts alone, and what each target says of itself goes with it."""
    first, second = identical(["a", "b", "c"], ["b", "x"]), near(["a", "b", "c"], ["x", "a"], [1, 1])
    both = combine(first, second)
    assert rows_of(both) == [{1: 1}, {0: 1}, {}]
    assert both.how.tolist() == [carry.IDENTICAL, carry.IDENTICAL, carry.NONE]


def test_the_placebo_carries_the_same_rows_to_the_wrong_targets() -> None:
    """Rows are exchanged among neighbours in frequency of the same kind; who had none has none."""
    size = 200
    keys = np.arange(1, size + 1, dtype=np.uint64)
    real = identical(keys, keys[: size // 2])
    counts, kinds = np.arange(size)[::-1], np.arange(size) % 2
    wrong = permuted(real, 3, counts, kinds=kinds)
    assert wrong.mapped.tolist() == real.mapped.tolist()
    assert sorted(wrong.rows.tolist()) == sorted(real.rows.tolist())
    assert not np.any(wrong.rows == real.rows)
    assert np.all(wrong.rows % 2 == real.rows % 2)
    # 50 mapped of each kind, two places apart: a band of 32 spans 62
    assert np.abs(wrong.rows - real.rows).max() <= 62
    assert permuted(real, 3, counts, kinds=kinds).rows.tolist() == wrong.rows.tolist()
    assert permuted(real, 4, counts, kinds=kinds).rows.tolist() != wrong.rows.tolist()
    with pytest.raises(SettingsError, match="one for each of 200 targets"):
        permuted(real, 3, counts[1:])


def test_the_placebo_moves_weights_with_their_rows() -> None:
    """A target gets all the rows of another, with its weights."""
    found = carry.from_table({"a": {"x": 1, "y": 3}, "b": "z"}, ["a", "b", "c"], ["x", "y", "z"])
    assert rows_of(permuted(found, 0, [1, 1, 1])) == [{2: 1}, {0: 0.25, 1: 0.75}, {}]
