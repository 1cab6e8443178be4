"""A table with rows on disk is the one in memory, to the last bit, wherever it is cut and whatever ends the process."""

import errno
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save
from tiny import NOISE_SETTINGS, noise, write_corpus

from sprachbund import train
from sprachbund.errors import CapacityError, FolderError
from sprachbund.retrieval.encoder import bags, bfloat16, checkpoint, cold, cold_file, table_rows, training
from sprachbund.retrieval.encoder.cold import ColdTable, hot_rows
from sprachbund.retrieval.encoder.cold_file import ColdFile
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.short_rows import lengthen
from sprachbund.retrieval.encoder.training import State, train_model
from sprachbund.retrieval.settings import change

pytestmark = pytest.mark.usefixtures("one_thread")

SETTINGS = change(NOISE_SETTINGS, characters=(4,), bigram_weight=0.5)


def sized(rows: int, dim: int, hot: int) -> int:
    """The memory in which ``hot`` of so many rows are held."""
    return 5 * rows + hot * (4 * dim - 1)


@settings(max_examples=25)
@given(data=st.data())
def test_rows_are_read_and_updated_as_in_memory(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Random tables, cuts and batches; the untouched rows too."""
    generator = np.random.default_rng(data.draw(st.integers(0, 1 << 32)))
    rows, dim = data.draw(st.integers(2, 200)), data.draw(st.integers(1, 70))
    hot = data.draw(st.integers(0, rows - 1))
    plain = generator.standard_normal((rows, dim), np.float32)
    began, states = plain.copy(), [np.zeros(rows, np.float32) for _ in range(2)]
    table = ColdTable.create(tmp_path_factory.mktemp("cold"), (rows, dim), hot, lambda a, b: began[a:b].copy())
    for _ in range(3):
        touched = generator.permutation(rows)[: generator.integers(0, rows + 1)].astype(np.int32)
        touched[generator.random(len(touched)) < 0.2] = bags.UNSEEN
        np.testing.assert_array_equal(table.gather(touched), table_rows.gather(touched, plain))
        gradient = generator.standard_normal((len(touched), dim), np.float32)
        gradient[generator.random(len(touched)) < 0.1] = 0
        table_rows.adagrad_rows(touched, gradient, plain, states[0], 0.1)
        table.update(touched, gradient, states[1], 0.1)
        np.testing.assert_array_equal(states[0], states[1])
        np.testing.assert_array_equal(lengthen(table), plain)
    assert table.sound and table.shape == plain.shape and table.nbytes == plain.nbytes


@pytest.mark.parametrize("hot", [1, 40, 200])
def test_a_training_has_the_same_bits(noisy: EncodedCorpus, tmp_path: Path, hot: int) -> None:
    """Words, characters and bigrams in three languages, unseen n-grams, a judge that asks for vectors."""
    plain, log = train_model(noisy, "ic", SETTINGS, seed=3)
    rows, dim = plain.table.shape
    memory = sized(rows, dim, hot)
    assert rows > 300
    model, told = train_model(noisy, "ic", SETTINGS, seed=3, memory=memory, cold=tmp_path / "cold")
    assert isinstance(model.table, ColdTable) and len(model.table.hot) == hot
    assert told.losses == log.losses and np.array_equal(lengthen(model.table), plain.table)


def test_sixteen_bits_are_the_same_wherever_the_cut_is(noisy: EncodedCorpus, tmp_path: Path) -> None:
    """All in memory, or most on disk, or taken up from a checkpoint; and near to what 32 bits give."""
    settings = change(SETTINGS, rows="bfloat16")
    plain, log = train_model(noisy, "ic", SETTINGS, seed=3)
    short, told = train_model(noisy, "ic", settings, seed=3)
    assert isinstance(short.table, ColdTable) and short.table.file is None
    assert short.table.nbytes * 2 == plain.table.nbytes
    np.testing.assert_allclose(told.losses, log.losses, rtol=0.02, atol=0.02)
    assert np.abs(lengthen(short.table) - plain.table).mean() < 0.02 * np.abs(plain.table).mean()
    rows, dim = plain.table.shape
    where = {"memory": 5 * rows + 40 * (2 * dim - 1), "cold": tmp_path / "cold"}

    def stop(state: State) -> None:
        if state.step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_model(noisy, "ic", settings, seed=3, keep=keeper(tmp_path, stop), keep_every=-1, **where)
    state = checkpoint.read_or_set_aside(tmp_path / "checkpoint", {})
    cut, said = train_model(noisy, "ic", settings, seed=3, resume=state, **where)
    assert isinstance(cut.table, ColdTable) and len(cut.table.hot) == 40 and said.losses == told.losses
    np.testing.assert_array_equal(lengthen(cut.table), lengthen(short.table))


def test_chance_rounds_to_both_neighbours_as_near_as_they_are() -> None:
    """Exact numbers stay; others are rounded down or up, up as often as they are near; another seed, other chances."""
    rows, dim = np.arange(400, dtype=np.int32), 66
    gradient = np.ones((400, dim), np.float32)
    told = {}
    for share in (0.0, 0.25, 0.8):
        table = bfloat16.nearest(np.full((400, dim), 1.0, np.float32))
        # the step of 16 bits above 1 is 1/128; an accumulator of 1 and a gradient of -1 move a row by the rate
        state = np.zeros(400, np.float32)
        bfloat16.adagrad_rows(rows, -gradient, table, state, share / 128, bfloat16.noise(1, 2), 7)
        values = bfloat16.gather(rows, table)
        assert set(np.unique(values)) <= {1.0, 1.0 + 1 / 128}
        assert (values > 1).mean() == pytest.approx(share, abs=0.01)
        told[share] = values
    for seed, step, first in ((2, 2, 7), (1, 3, 7), (1, 2, 8)):
        table = bfloat16.nearest(np.full((400, dim), 1.0, np.float32))
        state = np.zeros(400, np.float32)
        bfloat16.adagrad_rows(rows, -gradient, table, state, 0.25 / 128, bfloat16.noise(seed, step), first)
        assert (bfloat16.gather(rows, table) != told[0.25]).mean() > 0.2


@given(st.floats(width=32, allow_nan=False, allow_infinity=False, max_value=2.0**127, min_value=-(2.0**127)))
def test_the_nearest_of_sixteen_bits_is_torch_s(value: float) -> None:
    """Half to even, zeros of both signs."""
    torch = pytest.importorskip("torch")
    found = bfloat16.gather(np.zeros(1, np.int32), bfloat16.nearest(np.full((1, 1), value, np.float32)))
    assert found[0, 0] == torch.tensor(value, dtype=torch.float32).to(torch.bfloat16).float().item()


def keeper(folder: Path, then: Callable[[State], None] = lambda _: None) -> Callable[[State], None]:
    """Write checkpoints into a folder, and do something after each."""

    def keep(state: State) -> None:
        checkpoint.write(folder / "checkpoint", state, {})
        then(state)

    return keep


def dies(patched: pytest.MonkeyPatch, name: str, after: int, first: bool) -> None:
    """Kill this process in the ``after``-th call of a method of the file, before it or after it; 0 for never."""
    calls, real = iter(range(1, 1 << 30)), getattr(ColdFile, name)

    def dying(*arguments: object) -> object:
        last = next(calls) == after
        if last and first:
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*arguments)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    patched.setattr(ColdFile, name, dying)


@pytest.mark.parametrize("name", ["remember", "settle", "_take_back", "flush"])
def test_killed_at_any_moment_it_ends_with_the_same_bits(
    noisy: EncodedCorpus, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a step, in the log, between a checkpoint and its log, in the taking back: again and again, then to the end."""
    settings = change(SETTINGS, epochs=0.5)
    plain, log = train_model(noisy, "ic", settings, seed=3)
    memory = sized(*plain.table.shape, 30)
    generator = np.random.default_rng(0)
    for left in reversed(range(4)):
        method = "remember" if left == 3 else name  # there is nothing to take back before
        after = (7 if left == 3 else 1 if name == "_take_back" else int(generator.integers(1, 5))) if left else 0
        child = os.fork()
        if child:
            status = os.waitpid(child, 0)[1]
            assert status == (signal.SIGKILL if left else 0)
            continue
        code = 1
        try:
            dies(monkeypatch, method, after, first=bool(left % 2))
            model, told = train_model(
                noisy, "ic", settings, seed=3, memory=memory, cold=tmp_path / "cold",
                resume=checkpoint.read_or_set_aside(tmp_path / "checkpoint", {}), keep=keeper(tmp_path), keep_every=-1,
            )  # fmt: skip
            assert told.losses == log.losses and np.array_equal(lengthen(model.table), plain.table)
            code = 0
        finally:
            os._exit(code)
    assert not list(tmp_path.glob("*.damaged-*"))


def file_of(folder: Path, rows: int = 9) -> tuple[ColdFile, np.ndarray]:
    """A file of counted numbers, and what is in it."""
    numbers = np.arange(rows * 4, dtype=np.float32).reshape(rows, 4)
    return ColdFile.create(folder / "cold", numbers.shape, np.float32, lambda a, b: numbers[a:b]), numbers


def test_a_log_that_was_cut_off_takes_back_what_was_changed(tmp_path: Path) -> None:
    """At every byte: the first part was complete before its rows were changed, rows of the second were not yet."""
    file, numbers = file_of(tmp_path)
    file.settle(7)
    file.remember(np.array([2, 5], np.int32))
    whole = (tmp_path / "cold" / "undo.bin").stat().st_size
    file.numbers[[2, 5]] = -1
    file.remember(np.array([5, 8], np.int32))
    log = (tmp_path / "cold" / "undo.bin").read_bytes()
    changed = (tmp_path / "cold" / "rows.bin").read_bytes()
    assert len(log) > whole
    for size in range(whole, len(log) + 1):
        (tmp_path / "cold" / "rows.bin").write_bytes(changed)
        (tmp_path / "cold" / "undo.bin").write_bytes(log[:size])
        np.testing.assert_array_equal(ColdFile.open(tmp_path / "cold", (9, 4), np.float32, 7).numbers, numbers)


def test_files_that_are_not_the_checkpoint_s(tmp_path: Path) -> None:
    """Absent, of another size, of a later checkpoint: named; the log of an earlier one is of no account."""
    file, _ = file_of(tmp_path)
    folder = tmp_path / "cold"
    file.settle(7)
    file.remember(np.array([2], np.int32))
    file.numbers[2] = -1
    with pytest.raises(FolderError, match=r"undo\.bin: is of the checkpoint of batch 7, expected 6; begin anew"):
        ColdFile.open(folder, (9, 4), np.float32, 6)
    assert (ColdFile.open(folder, (9, 4), np.float32, 8).numbers[2] == -1).all()
    with pytest.raises(FolderError, match=r"rows\.bin: damaged, expected 128 bytes, found 144"):
        ColdFile.open(folder, (8, 4), np.float32, 8)
    (folder / "undo.bin").unlink()
    with pytest.raises(FolderError, match=r"undo\.bin: expected a file here, found nothing"):
        ColdFile.open(folder, (9, 4), np.float32, 8)


def test_a_full_disk_is_one_line_and_the_rows_are_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the log, and before training begins."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file, numbers = file_of(tmp_path)
    file.settle(1)
    table = ColdTable(numbers[:0], file)
    gradient, accumulators = np.ones((2, 4), np.float32), np.zeros(9, np.float32)
    with monkeypatch.context() as patched:
        patched.setattr(cold_file.os, "fdatasync", full)
        with pytest.raises(CapacityError, match=r"undo\.bin: the disk is full: .* bytes are needed"):
            table.update(np.array([1, 3], np.int32), gradient, accumulators, 0.1)
    np.testing.assert_array_equal(file.numbers, numbers)
    assert not accumulators.any()
    np.testing.assert_array_equal(ColdFile.open(tmp_path / "cold", (9, 4), np.float32, 1).numbers, numbers)
    with monkeypatch.context() as patched:
        patched.setattr(cold_file.os, "posix_fallocate", full)
        with pytest.raises(CapacityError, match=r"rows\.bin: the disk is full: 144 bytes are needed"):
            file_of(tmp_path)


def test_what_fits_neither_memory_nor_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the sum, and with numbers of rows that would fit."""
    free = 0
    monkeypatch.setattr(cold.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    rows, dim, folder = 1_000_000, 64, tmp_path / "cold"
    memory = sized(rows, dim, 250_000)
    with pytest.raises(CapacityError, match=r"250,000 fit the memory .* 750,000 x 256 bytes .* max_rows=0"):
        hot_rows(rows, dim, memory, folder)
    free = int(1.25 * 750_000 * 256) + 2 * (250_000 * 256 + 4 * rows) + rows * 256
    assert hot_rows(rows, dim, memory, folder) == 250_000
    free //= 2
    with pytest.raises(CapacityError) as error:
        hot_rows(rows, dim, memory, folder)
    found = re.search(r"max_rows=(\d+)", str(error.value))
    assert found is not None and 100_000 < int(found[1]) < rows
    hot_rows(int(found[1]), dim, memory, folder)
    with pytest.raises(CapacityError):
        hot_rows(int(found[1]) + 1, dim, memory, folder)
    with pytest.raises(CapacityError, match="for their accumulators, wherever they lie"):
        hot_rows(rows, dim, 4 * rows, folder)


def test_a_long_log_brings_a_checkpoint(noisy: EncodedCorpus, tmp_path: Path) -> None:
    """Long before its time, so that the log stays short of a second copy of the rows."""
    sizes = []
    memory = sized(train_model(noisy, "ic", SETTINGS)[0].table.shape[0], 24, 1)

    def after(state: State) -> None:
        sizes.append((tmp_path / "cold" / "undo.bin").stat().st_size)

    train_model(
        noisy, "ic", SETTINGS, memory=memory, cold=tmp_path / "cold", keep=keeper(tmp_path, after), keep_every=1e-9
    )
    assert sizes and set(sizes) == {16}


def test_the_saved_model_is_that_of_a_table_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every byte of the vectors, and nothing is left beside it; what cannot be on disk is refused as ever."""
    corpus = write_corpus(tmp_path / "text", noise(("gl", "pt"), documents=40))
    plain = train(corpus, tmp_path / "plain", settings=SETTINGS)
    limit = int(sized(*plain.table.shape, 20) / training.MEMORY_SHARE)
    monkeypatch.setattr(training, "memory_limit", lambda: limit)
    found = train(corpus, tmp_path / "cut", settings=SETTINGS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut", "plain", "text"]
    one, other = ((tmp_path / name / "vectors.safetensors").read_bytes() for name in ("plain", "cut"))
    assert one == other == save({"vectors": plain.table})
    np.testing.assert_array_equal(found.encode(["baba bebe"]), plain.encode(["baba bebe"]))
    for refused in ({"out": None}, {"settings": change(SETTINGS, patience=2)}, {"start": plain}):
        with pytest.raises(CapacityError, match="would fit"):
            train(corpus, **{"out": tmp_path / "more", "settings": SETTINGS, **refused})


def test_cold_rows_that_are_damaged_are_made_again(
    noisy: EncodedCorpus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning says so, and the same model comes out."""
    plain, _ = train_model(noisy, "ic", SETTINGS)
    where = {"memory": sized(*plain.table.shape, 20), "cold": tmp_path / "cold"}

    def stop(state: State) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_model(noisy, "ic", SETTINGS, keep=keeper(tmp_path, stop), keep_every=-1, **where)
    os.truncate(tmp_path / "cold" / "rows.bin", 100)
    assert checkpoint.read_or_set_aside(tmp_path / "checkpoint", {}) is None
    assert "rows.bin: damaged" in caplog.text and "set aside as checkpoint.damaged-1" in caplog.text
    model, _ = train_model(noisy, "ic", SETTINGS, **where)
    np.testing.assert_array_equal(lengthen(model.table), plain.table)
