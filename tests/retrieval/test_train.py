"""From a corpus to a saved encoder: what is refused, what is left out, what the model says of itself."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest
from tiny import NOISE_SETTINGS, noise, write_corpus

from sprachbund import Corpus, evaluate, train
from sprachbund.corpus.placing import place_documents, splittable
from sprachbund.errors import CapacityError, CorpusError, DivergenceError, FolderError, LanguageError, SettingsError
from sprachbund.retrieval.encoder import training
from sprachbund.retrieval.settings import change, split_of
from sprachbund.runs.unfinished import claimed

SETTINGS = change(NOISE_SETTINGS, dim=16, characters=(4,), epochs=3.0)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Random sentences of two languages; eu has but two documents, of groups that are on the test side."""
    folder = tmp_path_factory.mktemp("fitting")
    documents = noise(("gl", "pt"), documents=40, topics=20)
    placed = place_documents(write_corpus(folder / "first", documents), ("gl",), split_of(SETTINGS))["gl"]
    tested = [group for group, side in zip(placed.groups, placed.sides, strict=True) if side == 2]
    shared = [group for group in tested if group.startswith("topic")][:2]
    assert len(shared) == 2
    documents += [
        ("eu", f"eu{i}", group, [["bat bi hiru lau", "bost sei zazpi zortzi"]]) for i, group in enumerate(shared)
    ]
    return write_corpus(folder / "second", documents)


def test_in_memory_or_on_disk_is_one_model(corpus: Corpus, tmp_path: Path) -> None:
    """The same table; in memory nothing is left behind, on disk nothing beside the model."""
    kept = train(corpus, settings=SETTINGS, languages=["pt", "gl"])
    saved = train(corpus.path, tmp_path / "model", settings=SETTINGS, languages=["gl", "pt"])
    np.testing.assert_array_equal(kept.table, saved.table)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert kept.about["languages"] == ["gl", "pt"] and kept.about["work"] == saved.about["work"]


def test_seeds_and_tasks_make_other_models(corpus: Corpus) -> None:
    """And the same seed the same."""
    one = train(corpus, settings=SETTINGS, languages=["gl"])
    np.testing.assert_array_equal(train(corpus, settings=SETTINGS, languages=["gl"]).table, one.table)
    assert not np.array_equal(train(corpus, settings=SETTINGS, languages=["gl"], seed=1).table, one.table)
    assert not np.array_equal(train(corpus, settings=SETTINGS, languages=["gl"], task="nsp").table, one.table)


def test_a_language_without_training_text_is_left_out(corpus: Corpus, caplog: pytest.LogCaptureFixture) -> None:
    """Its two documents are translations of test documents; a warning counts them; alone it is an error."""
    with caplog.at_level(logging.WARNING):
        assert splittable(corpus, corpus.languages, split_of(SETTINGS)) == ("gl", "pt")
    assert [record.getMessage() for record in caplog.records] == [
        "eu is left out: too small to split, none of its 2 documents is for training"
    ]
    assert train(corpus, settings=SETTINGS).about["languages"] == ["gl", "pt"]
    with pytest.raises(CorpusError, match="none of eu is large enough to split"):
        train(corpus, settings=SETTINGS, languages=["eu"])


def test_the_dev_scores_are_those_of_evaluate(corpus: Corpus) -> None:
    """What the model says of itself is what `evaluate` finds on dev, language by language."""
    encoder = train(corpus, settings=SETTINGS, languages=["gl", "pt"])
    found = evaluate(encoder, corpus, split="dev", baselines=False).results
    for row in encoder.about["scores"]:
        own = {(r["measure"], r["k"]): r["value"] for r in found.to_dicts() if r["language"] == row["language"]}
        assert row["mrr"] == pytest.approx(own["mrr", None], abs=1e-12)
        assert row["recall@10"] == pytest.approx(own["recall", 10], abs=1e-12)
        assert row["queries"] > 20
    assert encoder.about["pairs"].keys() == {"gl", "pt"}
    assert encoder.about["passes"] == pytest.approx({"gl": 3.0, "pt": 3.0}, rel=0.1)


def test_early_stopping_keeps_the_best(corpus: Corpus) -> None:
    """The saved table is that of the highest point of the curve, and training ended before its time."""
    settings = change(SETTINGS, rate=2.0, epochs=40.0, evaluations=20, patience=3)
    encoder = train(corpus, settings=settings, languages=["gl"])
    curve = [score for _, score in encoder.about["curve"]]
    assert 3 < len(curve) < 20 and curve.index(max(curve)) == len(curve) - 4
    assert encoder.about["scores"][0]["mrr"] == pytest.approx(max(curve), abs=1e-12)


def test_more_rows_than_memory_are_refused_before_the_start(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no row may lie on disk: the error counts rows and says what would fit; nothing is left in the way."""
    monkeypatch.setattr(training, "memory_limit", lambda: 10_000)
    with pytest.raises(CapacityError, match=r"rows of 16 numbers need .*; dim=\d+, max_rows=\d+ or a higher min_count"):
        train(corpus, tmp_path / "model", settings=change(SETTINGS, patience=2))
    assert not list(tmp_path.iterdir())


def test_what_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    """Unknown tasks and languages; folders that hold something else."""
    with pytest.raises(SettingsError, match="no task is called 'qa'; there are: nsp, ic"):
        train(corpus, task="qa")
    with pytest.raises(LanguageError, match="has no xx; it has eu, gl, pt"):
        train(corpus, languages=["xx", "gl"])
    with pytest.raises(FolderError, match="expected a corpus folder"):
        train(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear")
    with pytest.raises(FolderError, match="mine"):
        train(corpus, tmp_path / "mine", settings=SETTINGS)
    partial = tmp_path / "model.partial"
    partial.write_text("a file")
    with pytest.raises(FolderError, match=r"model\.partial: .* is a file"):
        train(corpus, tmp_path / "model", settings=SETTINGS)
    partial.unlink()
    partial.mkdir()
    (partial / "work.json").write_text(json.dumps({"task": "ic"}))
    with pytest.raises(FolderError, match=r"model\.partial: holds unfinished work that differs in"):
        train(corpus, tmp_path / "model", settings=SETTINGS)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("part", ["checkpoint/state.safetensors", "encoded/gl/words.npy", "checkpoint/checkpoint.json"])
def test_what_is_damaged_is_set_aside_and_made_again(
    part: str, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Of a training that was stopped a bit is lost: a warning says it, and the same model comes out at last."""
    settings = change(SETTINGS, epochs=30.0)
    whole = train(corpus, settings=settings, languages=["gl"])

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        clock = iter(range(1_000_000))
        patched.setattr(training.time, "monotonic", lambda: float(next(clock)))
        patched.setattr("sprachbund.retrieval.encoder.training._judged_steps", lambda *_: frozenset({20}))
        patched.setattr("sprachbund.retrieval.train.dev_mrr", stop)
        with pytest.raises(KeyboardInterrupt):
            train(corpus, tmp_path / "model", settings=settings, languages=["gl"], checkpoint_every=2)
    path = tmp_path / "model.partial" / part
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(bytes(data))
    made = train(corpus, tmp_path / "model", settings=settings, languages=["gl"])
    np.testing.assert_array_equal(made.table, whole.table)
    aside = f"{part.split('/')[0]}.damaged-1"
    assert f"it is set aside as {aside} and made again" in caplog.text and path.name in caplog.text
    assert [p.name for p in (tmp_path / "model.partial").iterdir()] == [aside]
    again = train(corpus, tmp_path / "model2", settings=settings, languages=["gl"])
    np.testing.assert_array_equal(again.table, whole.table)


def test_what_is_not_ours_in_unfinished_work_stays(
    corpus: Corpus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that somebody put into the folder of unfinished work, and a link to photos, are there afterwards."""
    partial, photos = tmp_path / "model.partial", tmp_path / "photos"
    photos.mkdir()
    (photos / "summer.jpg").write_text("photo")

    def meanwhile(*_: object) -> object:
        (partial / "thesis.tex").write_text("thesis")
        (partial / "album").symlink_to(photos)
        return real(*_)  # type: ignore[arg-type]

    real = training.require_memory
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(training, "require_memory", meanwhile)
        train(corpus, tmp_path / "model", settings=SETTINGS, languages=["gl"])
    assert sorted(path.name for path in partial.iterdir()) == ["album", "thesis.tex"]
    assert (photos / "summer.jpg").read_text() == "photo" and "stays, for it holds album" in caplog.text


def test_two_trainings_at_once(corpus: Corpus, tmp_path: Path) -> None:
    """The second is refused in a line, and the first is not disturbed."""
    with claimed(tmp_path / "model.partial", {}, "unfinished work", "training"):
        with pytest.raises(FolderError, match=r"model\.partial: another process is training here; wait for its end"):
            train(corpus, tmp_path / "model", settings=SETTINGS, languages=["gl"])
        assert [path.name for path in (tmp_path / "model.partial").iterdir()] == ["work.json"]


def test_a_note_that_a_kill_left_half_written_is_no_hindrance(corpus: Corpus, tmp_path: Path) -> None:
    """The very first file of unfinished work is written beside its place, too."""
    partial = tmp_path / "model.partial"
    partial.mkdir()
    (partial / ".sprachbund-0123456789abcdef.tmp").mkdir()
    (partial / ".sprachbund-0123456789abcdef.tmp" / "work.json").write_text("{")
    train(corpus, tmp_path / "model", settings=SETTINGS, languages=["gl"])
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_training_that_diverges_leaves_nothing_or_names_its_checkpoint(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No model; without a checkpoint no trace, with one its batch, its place and what to remove."""
    wild = change(SETTINGS, rate=1e30)
    with pytest.raises(DivergenceError, match="lower rate"):
        train(corpus, tmp_path / "m", settings=wild)
    assert not list(tmp_path.iterdir())
    step = training.train_step

    def late(*given: object) -> float:
        late.calls += 1  # type: ignore[attr-defined]
        if late.calls == 4:  # type: ignore[attr-defined]
            raise FloatingPointError
        return step(*given)  # type: ignore[arg-type]

    late.calls = 0  # type: ignore[attr-defined]
    monkeypatch.setattr(training, "train_step", late)
    monkeypatch.setattr(training, "KEEPING", 0.0)
    with pytest.raises(DivergenceError) as raised:
        train(corpus, tmp_path / "m", settings=SETTINGS, checkpoint_every=1e-9)
    partial = tmp_path / "m.partial"
    assert str(raised.value).endswith(
        f"{partial / 'checkpoint'} has batch 3, from before it: remove {partial} to begin anew"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.partial"]
