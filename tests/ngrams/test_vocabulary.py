"""Counts equal those of scikit-learn, whatever the memory and threads; what is saved is what is loaded."""

import gzip
import json
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numba
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from sprachbund.corpus import segment
from sprachbund.corpus.segment import normalise, words
from sprachbund.errors import CapacityError, CorpusError, FolderError, SettingsError
from sprachbund.files import sealed
from sprachbund.ngrams import hangul
from sprachbund.ngrams import vocabulary as module
from sprachbund.ngrams.keys import bigram_key, character_keys, word_key
from sprachbund.ngrams.spill import Store
from sprachbund.ngrams.tokens import pack
from sprachbund.ngrams.vocabulary import Selection, Vocabulary
from sprachbund.progress import Silent

TEXTS = [
    ("en", "The cat sat on the mat; the cat's mat. Read the U+0130 note: the end."),
    ("tr", "İstanbul'da 1453 yılında İSTANBUL Boğazı ve istanbul boğazı"),
    ("el", "ΟΔΥΣΣΕΥΣ Οδυσσεύς ο Οδυσσέας του ΟΔΥΣΣΕΑ"),
    ("uk", "П'ять п’ять об'єктів, пʼять п'ять"),
    ("he", 'צה"ל צה״ל ג׳ורג׳ בית־הספר'),
    ("hi", "हिन्दी भाषा की हिन्दी किताब"),
    ("ar", "كِتَاب كتاب الكتاب"),
    ("ca", "col·legi COL·LEGI l'home"),
    ("zh", "我们喜欢语言学，语言学很有意思"),
    ("th", "ภาษาไทยเป็นภาษาที่สวยงาม"),
    ("en", "𐐀𐐁 𐐨𐐩 e\u0301tude étude ﬁne a\u00adb ab"),
    ("en", ""),
    ("en", "... !!!"),
]


def prepared(pairs: list[tuple[str, str]]) -> list[str]:
    return [segment.prepared(normalise(text), language) for language, text in pairs]


def marked(word: str, order: int) -> list[str]:
    whole = f"<{hangul.letters(word)}>"
    return [whole[i : i + order] for i in range(len(whole) + 1 - order)]


def counted_by_scikit(texts: list[str], orders: tuple[int, ...]) -> dict[tuple[int, str], int]:
    """{(order, n-gram): count} by CountVectorizer over the words of the plain reference."""

    def analyse(text: str) -> list[str]:
        found = words(text, "en")
        ngrams = [f"1 {word}" for word in found]
        ngrams += [f"2 {a} {b}" for a, b in pairwise(found)]
        return ngrams + [f"-{n} {gram}" for n in orders for word in found for gram in marked(word, n)]

    vectorizer = CountVectorizer(analyzer=analyse)
    totals = np.asarray(vectorizer.fit_transform(texts).sum(axis=0))[0]
    split = [name.split(" ", 1) for name in vectorizer.get_feature_names_out()]
    return {(int(order), gram): int(total) for (order, gram), total in zip(split, totals, strict=True)}


def as_dict(vocabulary: Vocabulary) -> dict[tuple[int, str], int]:
    names = zip(vocabulary.orders.tolist(), vocabulary.strings.to_list(), strict=True)
    return dict(zip(names, vocabulary.counts.tolist(), strict=True))


def assert_equal(left: Vocabulary, right: Vocabulary) -> None:
    for field in ("keys", "counts", "orders"):
        np.testing.assert_array_equal(getattr(left, field), getattr(right, field))
    assert left.strings.to_list() == right.strings.to_list()


@pytest.fixture(scope="module")
def many() -> list[str]:
    """Texts of some 60,000 distinct words, their frequencies falling as in a language; repeatable."""
    random = np.random.default_rng(3)
    letters = np.array(list("abcdeéíışñжщґ語한가"))
    names = ["".join(random.choice(letters, random.integers(1, 14))) for _ in range(60_000)]
    ranks = np.minimum(random.zipf(1.2, 400_000) - 1, len(names) - 1)
    return [" ".join(names[i] for i in ranks[at : at + 20]) for at in range(0, len(ranks), 20)]


def test_counts_are_those_of_scikit_learn() -> None:
    """Words, bigrams and characters of twelve languages, with their strings."""
    texts = prepared(TEXTS)
    assert as_dict(Vocabulary.count([pack(texts)], characters=(3, 4))) == counted_by_scikit(texts, (3, 4))


def test_counts_of_real_text(shared_data: Path) -> None:
    """The same on the first documents of real collections in seven languages."""
    texts: list[tuple[str, str]] = []
    for name in (
        "bn.dump100k",
        "uk.dump100k",
        "ko.korquad",
        "fa.persianqa",
        "tr.tquad",
        "el.dump100k",
        "zh.wikiextractor",
    ):
        with gzip.open(shared_data / "wikipedia" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            for _ in range(10):
                document = json.loads(next(file))
                for section in document["sections"]:
                    texts += [(name[:2], paragraph) for paragraph in section["paragraphs"]]
    ready = prepared(texts)
    assert as_dict(Vocabulary.count([pack(ready)], characters=(4,))) == counted_by_scikit(ready, (4,))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=6))
def test_counts_of_any_text(texts: list[str]) -> None:
    """Any Unicode text; where there is no word, an error says so."""
    ready = prepared([("en", text) for text in texts])
    expected = Counter(word for text in ready for word in words(text, "en"))
    if not expected:
        with pytest.raises(CorpusError, match="0 words were counted"):
            Vocabulary.count([pack(ready)])
        return
    found = Vocabulary.count([pack(ready)], bigrams=False)
    assert dict(zip(found.strings.to_list(), found.counts.tolist(), strict=True)) == expected


def test_keys_and_order_of_rows() -> None:
    """Worked by hand: b is counted thrice, then equal counts go by key, whatever their order."""
    vocabulary = Vocabulary.count([pack(["a b", "b c b"])], characters=(3,))
    a, b, c = map(word_key, "abc")
    expected = {
        "b": (3, 1, b), "<b>": (3, -3, character_keys("b", 3)[0]), "a": (1, 1, a), "c": (1, 1, c),
        "<a>": (1, -3, character_keys("a", 3)[0]), "<c>": (1, -3, character_keys("c", 3)[0]),
        "a b": (1, 2, bigram_key(a, b)), "b c": (1, 2, bigram_key(b, c)), "c b": (1, 2, bigram_key(c, b)),
    }  # fmt: skip
    ranked = sorted(expected, key=lambda name: (-expected[name][0], expected[name][2]))
    assert vocabulary.strings.to_list() == ranked
    columns = zip(vocabulary.counts, vocabulary.orders, vocabulary.keys, strict=True)
    assert [tuple(map(int, row)) for row in columns] == [expected[name] for name in ranked]


@pytest.mark.parametrize("characters", [(), (4,), (3, 5)])
def test_spilled_counts_equal_those_in_memory(
    many: list[str], characters: tuple[int, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A small budget makes many runs, which merge to the same rows; no file stays behind."""
    runs = []
    original = Store.spill

    def spill(store: Any) -> None:
        original(store)
        runs.append(len(store.runs))

    monkeypatch.setattr(Store, "spill", spill)
    monkeypatch.setattr(module, "LEAST_MEMORY", 1 << 20)
    batch = pack(many)
    settings_ = {"characters": characters, "max_size": 20_000}
    spilled = Vocabulary.count([batch], memory=4 << 20, folder=tmp_path, **settings_)
    assert max(runs) >= 3
    assert list(tmp_path.iterdir()) == []
    before = len(runs)
    held = Vocabulary.count([batch], memory=1 << 30, folder=tmp_path, **settings_)
    assert len(runs) == before
    assert_equal(spilled, held)


def test_batches_do_not_matter(many: list[str]) -> None:
    """One batch, many, columns or lists: the same rows. Progress is told every byte."""

    class Bytes(Silent):
        total = 0.0

        def advance(self, amount: float = 1) -> None:
            self.total += amount

    told = Bytes()
    whole = Vocabulary.count([pack(many)], min_count=2, progress=told)
    assert told.total == sum(len(text.encode()) for text in many)
    parts = [pl.Series(many[at : at + 3000]) for at in range(0, len(many), 3000)]
    assert_equal(whole, Vocabulary.count(iter(parts), min_count=2))
    assert_equal(whole, Vocabulary.count([pl.Series([*many, None, ""])], min_count=2))


def test_threads_do_not_matter(many: list[str]) -> None:
    """One thread gives the same rows as all of them."""
    threads = numba.get_num_threads()
    expected = Vocabulary.count([pack(many)], characters=(4,))
    try:
        numba.set_num_threads(1)
        assert_equal(expected, Vocabulary.count([pack(many)], characters=(4,)))
    finally:
        numba.set_num_threads(threads)


@pytest.mark.parametrize(("min_count", "max_size"), [(1, 1000), (3, None), (5, 200), (2, 10**9)])
def test_the_cut(many: list[str], min_count: int, max_size: int | None) -> None:
    """The cut keeps the first rows of the uncut vocabulary, as far as they have the minimum count."""
    everything = Vocabulary.count([pack(many)])
    kept = everything.counts >= min_count
    cut = Vocabulary.count([pack(many)], min_count=min_count, max_size=max_size)
    size = min(int(kept.sum()), max_size or len(everything))
    assert len(cut) == size
    np.testing.assert_array_equal(cut.keys, everything.keys[:size])
    assert cut.strings.to_list() == everything.strings[:size].to_list()


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=80),
    st.integers(1, 20),
    st.integers(1, 3),
    st.integers(1, 9),
)
def test_selection_is_a_sort(counts: list[int], size: int, least: int, step: int) -> None:
    """Added in any parts, the rows are the first of a plain sort by count and key."""
    selection = Selection(least, size, 10**6)
    keys = (np.arange(len(counts), dtype=np.uint64) * np.uint64(2654435761)) % np.uint64(1009) + np.uint64(1)
    for at in range(0, len(counts), step):
        selection.add(keys[at : at + step], np.array(counts[at : at + step]), 1)
    rows = sorted((-count, int(key)) for count, key in zip(counts, keys, strict=True) if count >= least)[:size]
    if rows:
        found = selection.result()
        assert [(-int(count), int(key)) for key, count in zip(found[0], found[1], strict=True)] == rows
    else:
        assert len(selection) == 0


@pytest.mark.parametrize("size", [1, 3, 6, 9])
def test_selection_of_counts_beyond_the_histogram(size: int) -> None:
    """Counts about and above 65,535, where they are no longer told apart by the histogram alone."""
    counts = np.array([1 << 40, 65_536, 65_535, 65_534, 65_535, 70_000, 70_000, 65_536, 2, 1])
    keys = np.array([3, 1 << 63, 7, 2**64 - 1, 1 << 62, 5, 4, 9, 8, 6], np.uint64)
    selection = Selection(1, size, 10**6)
    for at in range(0, len(keys), 4):
        selection.add(keys[at : at + 4], counts[at : at + 4], 1)
    found = selection.result()
    rows = sorted(zip((-counts).tolist(), keys.tolist(), strict=True))[:size]
    assert list(zip((-found[1]).tolist(), found[0].tolist(), strict=True)) == rows


def test_saved_and_loaded(many: list[str], tmp_path: Path) -> None:
    """The same rows, strings and look-ups, in place and memory-mapped; Parquet holds the table."""
    vocabulary = Vocabulary.count([pack(many)], characters=(4,), min_count=2)
    vocabulary.save(tmp_path / "v")
    loaded = Vocabulary.load(tmp_path / "v", check=True)
    assert isinstance(loaded.keys, np.memmap)
    assert isinstance(loaded.table.slots, np.memmap)
    assert_equal(vocabulary, loaded)
    rows = np.arange(len(vocabulary))
    strangers = np.array([word_key("not in any text"), 0, 1, 2**64 - 1], np.uint64)
    for one in (vocabulary, loaded):
        np.testing.assert_array_equal(one.lookup(vocabulary.keys), rows)
        assert one.lookup(strangers).tolist() == [-1] * 4
    frame = pl.read_parquet(tmp_path / "v" / "vocabulary.parquet")
    assert frame.columns == ["ngram", "key", "order", "count", "row"]
    assert frame["row"].to_list() == rows.tolist()
    assert frame["key"].to_list() == vocabulary.keys.tolist()
    assert frame["ngram"].to_list() == vocabulary.strings.to_list()


def test_saving_again_and_over_something_else(tmp_path: Path) -> None:
    """A vocabulary may be replaced, another folder may not; a loaded one can be saved over itself."""
    folder = tmp_path / "v"
    Vocabulary.count([pack(["a b"])]).save(folder)
    Vocabulary.count([pack(["c"])]).save(folder)
    loaded = Vocabulary.load(folder)
    loaded.save(folder)
    assert Vocabulary.load(folder, check=True).strings.to_list() == ["c"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("mine")
    with pytest.raises(FolderError, match="something else"):
        loaded.save(tmp_path / "other")


@pytest.mark.parametrize("name", ["keys.npy", "counts.npy", "orders.npy", "slots.npy", "vocabulary.parquet"])
def test_damage_is_named(tmp_path: Path, name: str) -> None:
    """A file that is missing, cut or changed is named in the error."""
    folder = tmp_path / "v"
    Vocabulary.count([pack([f"a{i} b{i % 7}" for i in range(500)])]).save(folder)
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FolderError, match=name):
        _ = Vocabulary.load(folder).strings
    changed = bytearray(whole)
    changed[-9] ^= 1
    (folder / name).write_bytes(changed)
    with pytest.raises(FolderError, match=name):
        Vocabulary.load(folder, check=True)
    (folder / name).unlink()
    with pytest.raises(FolderError, match=name):
        Vocabulary.load(folder)


def test_foreign_folders_and_formats(tmp_path: Path) -> None:
    """Another kind and another format version are refused by name; arrays of other shapes too."""
    folder = tmp_path / "v"
    Vocabulary.count([pack(["a b c"])]).save(folder)
    manifest = json.loads((folder / "vocabulary.json").read_text())
    for change, message in (
        ({"kind": "corpus"}, "found a corpus"),
        ({"format": 9}, "format 9"),
        ({"rows": 4}, "keys.npy"),
    ):
        (folder / "vocabulary.json").write_text(json.dumps(sealed(manifest | change)))
        with pytest.raises(FolderError, match=message):
            Vocabulary.load(folder)


def test_coverage_worked_out_by_hand() -> None:
    """The vocabulary has a, b, "a b"; the text has a thrice, b twice, c, and "a b" twice of four bigrams."""
    vocabulary = Vocabulary.count([pack(["a b"])])
    rows = vocabulary.coverage([pack(["a b a b", "c a"])]).rows()
    words_row = (1, 3, 6, pytest.approx(2 / 3), pytest.approx(5 / 6))
    # a b, b a, c a
    bigrams_row = (2, 3, 4, pytest.approx(1 / 3), pytest.approx(2 / 4))
    assert rows == [bigrams_row, words_row, (0, 6, 10, pytest.approx(3 / 6), pytest.approx(7 / 10))]


def test_settings_that_cannot_work() -> None:
    """Each is refused with what was expected."""
    batch = pack(["a"])
    for wrong in ({"min_count": 0}, {"max_size": 0}, {"characters": (4, 4)}, {"characters": (0,)}):
        with pytest.raises(SettingsError, match="expected"):
            Vocabulary.count([batch], **wrong)
    with pytest.raises(CapacityError, match="memory at least"):
        Vocabulary.count([batch], memory=1000)


def test_more_rows_than_memory(many: list[str]) -> None:
    """The error says how many rows would fit, and with so many it goes."""
    with pytest.raises(CapacityError, match=r"set max_size to ([\d,]+) or less") as caught:
        Vocabulary.count([pack(many)], memory=16 << 20, characters=(2, 3, 4, 5))
    room = int(str(caught.value).split("set max_size to ")[1].split(" ")[0].replace(",", ""))
    assert len(Vocabulary.count([pack(many)], memory=16 << 20, characters=(2, 3), max_size=room)) == room


def test_nothing_left() -> None:
    """No words, or none so frequent: an error that says which."""
    with pytest.raises(CorpusError, match="0 words were counted"):
        Vocabulary.count([pack(["", "..."])])
    with pytest.raises(CorpusError, match="2 words were counted, and no n-gram occurs 3 times"):
        Vocabulary.count([pack(["a a"])], min_count=3)
    with pytest.raises(CorpusError):
        Vocabulary.count([])


def test_nfc_is_the_callers_work() -> None:
    """Decomposed letters are other n-grams: the kernel does not compose them."""
    text = "é e\u0301"
    assert len(Vocabulary.count([pack([text])], bigrams=False)) == 2
    assert len(Vocabulary.count([pack([unicodedata.normalize("NFC", text)])], bigrams=False)) == 1


def test_taking_rows(tmp_path: Path) -> None:
    """Some rows in another order, strings and look-ups with them, also from a loaded vocabulary."""
    whole = Vocabulary.count([pack(["a b", "b c b"])])
    whole.save(tmp_path / "v")
    rows = np.array([3, 0, 2])
    for vocabulary in (whole, Vocabulary.load(tmp_path / "v")):
        taken = vocabulary.take(rows)
        assert taken.strings.to_list() == [whole.strings[row] for row in (3, 0, 2)]
        np.testing.assert_array_equal(taken.counts, whole.counts[rows])
        assert taken.lookup(whole.keys).tolist() == [1, -1, 2, 0, *[-1] * (len(whole) - 4)]


def test_an_unfair_sample(many: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the floor that a sample suggests is too high, everything is looked at again."""
    expected = Vocabulary.count([pack(many)], max_size=30_000)
    monkeypatch.setattr(module, "likely_floor", lambda *_: 1000)
    assert_equal(Vocabulary.count([pack(many)], max_size=30_000), expected)
