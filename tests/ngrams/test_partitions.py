"""Counts by partitions are those of one machine's memory, whole or not there, and say what of them is lost."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sprachbund.errors import CapacityError, CorpusError, FolderError
from sprachbund.ngrams.counts import Counts
from sprachbund.ngrams.filling import Batch
from sprachbund.ngrams.partitions import count_texts
from sprachbund.ngrams.spill import parts_for
from sprachbund.ngrams.vocabulary import Vocabulary

MEMORY = 16 << 20
"""The least that counting takes."""


@dataclass(frozen=True)
class Drawn:
    """Five shares of words drawn by a seed, half of them in more than one; the last has none."""

    words: int = 2_000
    calls: Path | None = None

    def identity(self) -> Any:
        """The number of words."""
        return {"words": self.words}

    def shares(self) -> list[int]:
        """By their numbers."""
        return list(range(5))

    def read(self, share: int) -> Iterable[Batch]:
        """Sentences of ten words."""
        if self.calls is not None:
            with (self.calls / str(share)).open("a") as file:
                file.write("x")
        if share == 4:
            yield pl.Series(["", "—"])
            return
        drawn = np.random.default_rng(share).zipf(1.15, self.words) % 4_000 + share * 100
        text = [" ".join(f"wört{n}" for n in drawn[at : at + 10]) for at in range(0, self.words, 10)]
        yield pl.Series(text)


def same(one: Vocabulary, other: Vocabulary) -> None:
    """Row by row, to the bit."""
    for name in ("keys", "counts", "orders"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.strings.equals(other.strings)


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """In several partitions, by two processes."""
    out = tmp_path_factory.mktemp("counted") / "counts"
    return count_texts(Drawn(), out, characters=(3,), memory=MEMORY, partitions=7, workers=1)


@pytest.fixture(scope="module")
def batches() -> list[Batch]:
    """The same texts one after another."""
    return [batch for share in range(5) for batch in Drawn().read(share)]


@pytest.mark.parametrize(("min_count", "max_size"), [(1, None), (2, 500), (1, 3000)])
def test_equal_to_a_count_in_memory(
    counted: Counts, batches: list[Batch], min_count: int, max_size: int | None
) -> None:
    """The same rows, counts and names, whatever is cut."""
    assert counted.partitions == 7
    expected = Vocabulary.count(batches, characters=(3,), min_count=min_count, max_size=max_size)
    same(counted.vocabulary(min_count=min_count, max_size=max_size), expected)


def test_sums_are_the_tokens(counted: Counts) -> None:
    """Of the words, and of bigrams all but one a sentence; of keys none is twice, each in its partition."""
    words = 4 * 2_000
    assert counted.tokens == counted.sums["words"]["tokens"] == words
    assert counted.sums["bigrams"]["tokens"] == words * 9 // 10
    for kind in ("words", "bigrams", "characters"):
        tables = [counted.table(kind, number) for number in range(counted.partitions)]
        assert sum(table["count"].sum() for table in tables) == counted.sums[kind]["tokens"]
        for number, table in enumerate(tables):
            bits = (table["key"].to_numpy().astype(object) * counted.partitions) >> 64
            assert set(bits) <= {number}
        keys = pl.concat(tables)["key"]
        assert keys.is_sorted() and keys.n_unique() == len(keys) == counted.sums[kind]["types"]


def test_what_is_complete_is_not_counted_again(tmp_path: Path) -> None:
    """Killed between two shares the same call goes on; finished, it does nothing; nothing else is left."""
    calls = tmp_path / "calls"
    calls.mkdir()
    texts, out = Drawn(2_000, calls), tmp_path / "counts"

    class Stopped:
        """A progress that ends the work after two shares."""

        left = 2

        def advance(self, amount: float = 1) -> None:
            self.left -= int(amount)
            if self.left == 0:
                raise KeyboardInterrupt

        def describe(self, text: str) -> None:
            pass

    with pytest.raises(KeyboardInterrupt):
        count_texts(texts, out, memory=MEMORY, workers=1, progress=Stopped())
    assert not out.exists()
    with pytest.raises(FolderError, match="holds a count of n-grams that differs in texts"):
        count_texts(Drawn(3_000), out, memory=MEMORY, workers=1)
    count_texts(texts, out, memory=MEMORY, workers=1)
    assert [(calls / str(share)).read_text() for share in (0, 1)] == ["x", "x"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls", "counts"]
    before = (out / "counts.json").stat().st_mtime_ns
    assert count_texts(texts, out, memory=4 * MEMORY, workers=2).tokens == 8_000
    assert (out / "counts.json").stat().st_mtime_ns == before


def test_killed_while_it_is_withdrawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts are complete: the same call finds them, and clears up; work on other texts it leaves alone."""

    def killed(part: Path) -> None:
        part.rename(part.with_name(f".sprachbund-{0:016}.tmp"))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("sprachbund.runs.unfinished.discard", killed)
        count_texts(Drawn(), tmp_path / "counts", memory=MEMORY, workers=1)
    partial = tmp_path / "counts.partial"
    note = (partial / "work.json").read_text()
    (partial / "work.json").write_text("{}")
    count_texts(Drawn(), tmp_path / "counts", memory=MEMORY, workers=1)
    assert partial.exists()
    (partial / "work.json").write_text(note)
    count_texts(Drawn(), tmp_path / "counts", memory=MEMORY, workers=1)
    assert [path.name for path in tmp_path.iterdir()] == ["counts"]


def test_a_lost_or_damaged_partition_is_named(counted: Counts, tmp_path: Path) -> None:
    """By its file, with what to do."""
    out = tmp_path / "counts"
    shutil.copytree(counted.path, out)
    path = out / "words" / "00003.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(FolderError, match=r"00003\.parquet: damaged, its SHA-256 is not the one in counts\.json"):
        Counts.open(out, check=True)
    with pytest.raises(FolderError, match=r"00003\.parquet: damaged, not readable as Parquet .*count anew"):
        Counts.open(out).vocabulary()
    path.unlink()
    with pytest.raises(FolderError, match=r"00003\.parquet: the n-gram counts's manifest lists this file, but"):
        Counts.open(out)


def test_less_memory_makes_more_partitions() -> None:
    """So many rows as a merge holds in them, a quarter left for chance."""
    assert [parts_for(1_000_000, memory) for memory in (1 << 30, 150_000_000, 16 << 20)] == [1, 1, 9]


def test_what_cannot_be_counted(tmp_path: Path) -> None:
    """No words, too little memory."""

    with pytest.raises(CorpusError, match="there are no words to count"):
        count_texts(Drawn(0), tmp_path / "none", memory=MEMORY, workers=1)
    with pytest.raises(
        CapacityError,
        match=r"counting takes 16 MiB for each of the 2 processes side by side: give 32 MiB of memory, found",
    ):
        count_texts(Drawn(), tmp_path / "little", memory=MEMORY, workers=2)
