"""Wrong input on purpose: a one-line error that names the thing, or a counted warning; never a traceback."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from terminal import SMALL, fail, sprachbund, succeed, write_source

from sprachbund.files import sealed


@pytest.fixture
def own_model(model: Path, tmp_path: Path) -> Path:
    """A copy of the model to damage."""
    return Path(shutil.copytree(model, tmp_path / "model"))


@pytest.fixture
def own_corpus(corpus: Path, tmp_path: Path) -> Path:
    """A copy of the corpus to damage."""
    return Path(shutil.copytree(corpus, tmp_path / "corpus"))


@pytest.fixture
def own_study(study: Path, tmp_path: Path) -> Path:
    """A copy of the study to damage."""
    return Path(shutil.copytree(study, tmp_path / "study"))


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_folders_of_another_kind_or_none(model: Path, corpus: Path, study: Path, tmp_path: Path) -> None:
    """A model where a corpus belongs and the reverse: what was expected, and where."""
    assert fail("corpus", tmp_path / "nowhere") == f"{tmp_path / 'nowhere'}: expected a corpus folder, found nothing"
    for arguments in (["corpus", model], ["train", model, "--out", tmp_path / "m"], ["evaluate", model, model]):
        assert fail(*arguments) == f"{model}: expected a corpus folder, but it has no corpus.json"
    for arguments in (["evaluate", corpus, corpus], ["encode", study]):
        message = fail(*arguments)
        assert message.startswith(f"{arguments[1]}: expected a") and "no encoder.json" in message
    assert "expected a study folder, but it has no study.json" in fail("report", corpus)
    source = tmp_path / "file"
    source.write_text("a file\n")
    assert fail("corpus", source) == f"{source}: expected a corpus folder, found a file"


def test_output_that_holds_something_else(model: Path, corpus: Path, study: Path, tmp_path: Path) -> None:
    """Nothing of it is touched."""
    before = sorted(path.name for path in corpus.iterdir())
    assert "encoder.json" in fail("train", corpus, "--out", corpus, *SMALL)
    assert "holds something that is not a study" in fail("transfer", corpus, "--out", model, *SMALL)
    assert "holds something that is not a study" in fail("transfer", corpus, "--out", corpus, *SMALL)
    assert sorted(path.name for path in corpus.iterdir()) == before
    message = fail("train", corpus, "--out", model, *SMALL, "--seed", "1")
    assert message == f"{model}: holds an encoder of other data or settings; name a new folder or remove it first"
    message = fail("transfer", corpus, "--out", study, "--task", "ic", "--seeds", "2", "--trials", "2", *SMALL)
    assert message.startswith(f"{study}: holds a study that differs in corpus, languages, seeds; ")
    occupied = tmp_path / "file"
    occupied.write_text("mine\n")
    assert str(occupied) in fail("train", corpus, "--out", occupied, *SMALL)
    assert str(occupied) in fail("transfer", corpus, "--out", occupied, *SMALL)
    assert occupied.read_text() == "mine\n"
    assert f"{tmp_path}: is a folder" in fail("encode", model, "--out", tmp_path, standard_input=b"a\n")


def test_a_failed_command_does_not_bar_the_corrected_one(corpus: Path, tmp_path: Path) -> None:
    """A vocabulary left empty says so and leaves nothing behind: the same --out works with other settings."""
    for verb in ("train", "transfer"):
        out = tmp_path / verb
        message = fail(verb, corpus, "--out", out, *SMALL, "--set", "min_count=100000")
        assert "no n-gram occurs 100000 times" in message and "minimum count" in message.replace(
            "min_count", "minimum count"
        )
        assert not list(tmp_path.iterdir())


def test_a_training_that_diverges_is_one_line(corpus: Path, tmp_path: Path) -> None:
    """Named with the batch and the setting; nothing half-written, and a study whose every trial diverges likewise."""
    message = fail("train", corpus, "--out", tmp_path / "m", *SMALL, "--rate", "1e30")
    assert "ic: the training diverged at batch " in message and "lower rate (now 1e+30; best has 0.03)" in message
    assert "lower rate" in fail(
        "train", corpus, "--out", tmp_path / "m", *SMALL, "--set", "similarity=dot", "--rate", "1e38"
    )
    assert not list(tmp_path.iterdir())
    study = ("transfer", corpus, "--task", "ic", *SMALL, "--set", "rate=1e30")
    message = fail(*study, "--out", tmp_path / "one", "--trials", "1")  # none is tried
    assert "seed 1: ic: the training diverged at batch " in message and "lower rate (now 1e+30" in message
    done = sprachbund(*study, "--out", tmp_path / "s", "--trials", "2")
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (1, b"")
    assert all(line.startswith("warning: ic, ") and "loses: ic: the training diverged" in line for line in lines[:-1])
    assert lines[-1].startswith("error: ic, alone, gl: every trial diverged") and len(lines) == 2 * 5 + 1


def test_a_device_that_is_not_there_is_one_line(corpus: Path, tmp_path: Path) -> None:
    """Before the training, and nothing is left."""
    message = fail("train", corpus, "--out", tmp_path / "m", *SMALL, "--device", "gpu")
    assert message.startswith("device gpu: expected one of torch") and "leave device out" in message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["vectors.safetensors", "vocabulary/keys.npy", "vocabulary/vocabulary.parquet"])
def test_a_damaged_or_missing_file_of_a_model_is_named(own_model: Path, name: str) -> None:
    """One bit is enough; so is a file that is gone."""
    flip(own_model / name)
    assert fail("encode", own_model, standard_input=b"a\n").startswith(f"{own_model / name}: damaged")
    (own_model / name).unlink()
    message = fail("encode", own_model, standard_input=b"a\n")
    assert str(own_model / name) in message and "missing" in message


def test_a_damaged_or_foreign_manifest_of_a_model(own_model: Path, own_corpus: Path, tmp_path: Path) -> None:
    """Not JSON, another kind, another format version, settings of another version."""
    path = own_model / "encoder.json"
    good = json.loads(path.read_text())

    def say(text: str) -> str:
        path.write_text(text)
        return fail("encode", own_model, standard_input=b"a\n")

    assert say("{").startswith(f"{path}: damaged, not readable as JSON")
    assert say("[]").startswith(f"{path}: not a manifest of sprachbund")
    assert "found a corpus" in say(json.dumps(good | {"kind": "corpus"}))
    message = say(json.dumps(good | {"format": 99, "written_by": "9.9"}))
    assert "format 99" in message and "install sprachbund 9.9" in message
    settings = good["settings"] | {"encoder": good["settings"]["encoder"] | {"wings": 2}}
    assert "its SHA-256 is not the one in it" in say(json.dumps(good | {"settings": settings}))
    assert "wings" in say(json.dumps(sealed(good | {"settings": settings})))
    without = {name: value for name, value in good.items() if name != "unseen_length"}
    assert say(json.dumps(without)).startswith(f"{path}: damaged")
    manifest = own_corpus / "corpus.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 99}))
    assert "corpus format 99" in fail("train", own_corpus, "--out", tmp_path / "m")


def test_a_foreign_file_in_a_model_is_a_warning(own_model: Path, tmp_path: Path) -> None:
    """People keep notes beside their models; the name is told and the work goes on."""
    (own_model / "notes.txt").write_text("mine\n")
    done = sprachbund("encode", own_model, "--out", tmp_path / "v.npy", standard_input=b"babebo\n")
    assert done.returncode == 0
    assert done.stderr.decode().startswith(f"warning: {own_model / 'notes.txt'}: a foreign file")


def test_files_of_a_corpus_are_named(own_corpus: Path) -> None:
    """Damaged, foreign, missing."""
    data = next(iter(sorted((own_corpus / "gl").glob("*.parquet"))))
    foreign = own_corpus / "gl" / "other.parquet"
    shutil.copy(data, foreign)
    assert fail("corpus", own_corpus).startswith(f"{foreign}: a foreign file")
    foreign.unlink()
    flip(data)
    assert fail("corpus", own_corpus).startswith(f"{data}: damaged")
    data.unlink()
    assert str(data) in fail("corpus", own_corpus)


def test_files_of_a_study_are_named(own_study: Path) -> None:
    """The tables and the settings, by `report`."""
    for name in ("comparisons.parquet", "languages.parquet", "results.parquet"):
        data = (own_study / name).read_bytes()
        (own_study / name).write_bytes(data[: len(data) // 2])
        assert str(own_study / name) in fail("report", own_study)
        (own_study / name).write_bytes(data)
    (own_study / "study.toml").write_text("[study\n")
    assert str(own_study / "study.toml") in fail("report", own_study)


def test_what_a_study_can_make_anew_it_makes_anew(own_study: Path, corpus: Path) -> None:
    """A damaged run and a damaged encoded corpus are set aside, made again with the same numbers, and it is said."""
    before = (own_study / "results.parquet").read_bytes()
    damaged = min(own_study.glob("runs/*/items.parquet"))
    flip(damaged)
    flip(own_study / "encoded" / "gl" / "words.npy")
    again = ("--task", "ic", "--languages", "gl,pt", "--trials", "2", "--seeds", "1", *SMALL)
    done = sprachbund("transfer", corpus, "--out", own_study, *again)
    assert done.returncode == 0
    assert [line.rpartition("set aside as ")[2] for line in done.stderr.decode().splitlines()] == [
        "encoded.damaged-1 and made again",
        f"{damaged.parent.name}.damaged-1 and made again",
    ]
    assert (own_study / "results.parquet").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--languages", "xx"], "has no xx; it has gl, pt, tr"),
        (["--languages", " , "], "--languages names no language"),
        (["--task", "mlm"], "no task is called 'mlm'; there are: nsp, ic"),
        (["--preset", "better"], "there are: best, paper"),
        (["--set", "learning_rate=1"], "no setting is called 'learning_rate'; there are: across, batch, "),
        (["--set", "dim=wide"], "dim must be a whole number like 512, found 'wide'"),
        (["--set", "dim=1.5"], "dim must be a whole number like 512, found 1.5"),
        (["--set", "dim=-1"], "dim must be at least 1, found -1"),
        (["--set", "characters=4"], "characters must be a list like [4], found 4"),
        (["--set", "templates=1"], "templates must be true or false like True, found 1"),
        (["--set", "shares=[0.5,0.5]"], "shares must be a list like [0.8, 0.1, 0.1], found [0.5, 0.5]"),
        (["--set", "shares=[0.5,0.2,0.2]"], "shares must be fractions that sum to 1"),
        (["--set", "pooling=max"], "pooling must be sum, mean or sqrt, found max"),
        (["--set", "weights=2"], "weights must be a table like"),
        (["--set", "preset=paper"], "choose it with --preset"),
        (["--set", "dim"], "expected --set NAME=VALUE, found 'dim'"),
        (["--memory", "lots"], "'lots' is not a size"),
        (["--rate", "nan"], "rate must be a number like 0.03, found nan"),
        (["--rate", "inf"], "rate must be a number like 0.03, found inf"),
        (["--set", "weights={xx=1.0}"], "weights name xx, but the languages are gl, pt, tr"),
    ],
)
def test_wrong_values(corpus: Path, tmp_path: Path, arguments: list[str], expected: str) -> None:
    """Each is refused before any work, and says what there is."""
    assert expected in fail("train", corpus, "--out", tmp_path / "out", *arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--task", "mlm"], "no task is called 'mlm'; there are: nsp, ic"),
        (["--set", "dim=wide"], "dim must be a whole number like 512, found 'wide'"),
        (["--languages", "gl,xx"], "has no xx; it has gl, pt, tr"),
        (["--set", "weights={xx=1.0}"], "weights name xx, but the languages are gl, pt, tr"),
        (["--arms", "alone,together"], "no arm is called together; there are: alone, pooled, mixed, continued, rows"),
        (["--arms", "alone,control"], "the arm control needs the arm pooled"),
        (["--pools", "paper"], "must have unseen, which decides"),
        (["--pools", "unseen,all"], "may have mixed, paper-equal, paper, own; found unseen, all"),
    ],
)
def test_wrong_values_of_a_study(corpus: Path, tmp_path: Path, arguments: list[str], expected: str) -> None:
    """Nothing is begun."""
    assert expected in fail("transfer", corpus, "--out", tmp_path / "study", *arguments)
    assert not (tmp_path / "study").exists()


def test_wrong_settings_files(corpus: Path, tmp_path: Path) -> None:
    """No TOML, no file, a folder, an unknown name in a table."""
    path = tmp_path / "settings.toml"
    start = ("train", corpus, "--out", tmp_path / "m", "--settings")
    assert fail(*start, path) == f"{path}: no such file"
    assert "is a folder" in fail(*start, tmp_path)
    path.write_text("dim = = 3\n")
    assert fail(*start, path).startswith(f"{path}: not TOML")
    path.write_text("[encoder]\nheads = 3\n")
    assert "no setting is called 'heads'" in fail(*start, path)


def test_evaluate_refuses_what_there_is_not(model: Path, corpus: Path, tmp_path: Path) -> None:
    """Pools, splits, half of a pair of files, judgements of something else."""
    assert "splits dev and test; found unseen and 'train'" in fail("evaluate", model, corpus, "--split", "train")
    assert "found all and 'test'" in fail("evaluate", model, corpus, "--pools", "all")
    assert "no task is called 'x'" in fail("evaluate", model, corpus, "--task", "x")
    queries, qrels = tmp_path / "queries", tmp_path / "qrels"
    assert "name both" in fail("evaluate", model, corpus, "--queries", queries)
    own = ("evaluate", model, corpus, "--queries", queries, "--qrels", qrels)
    assert fail(*own) == f"{queries}: no such file"
    queries.write_text("q1\tbabebo\n")
    qrels.write_text("q1 0 nowhere 1\n")
    assert "names no document" in fail(*own) and "'nowhere'" in fail(*own)
    qrels.write_text("q2 0 tr-1 1\n")
    assert f"{qrels}: judges no query of {queries}; for example 'q2' against 'q1'" in fail(*own)
    qrels.write_text("q1 0 tr-1\nq1 tr-1 x y z\n")
    assert fail(*own).startswith(f"{qrels}:1: expected 'query 0 document grade' (TREC)")
    queries.write_text("babebo\n")
    assert fail(*own).startswith(f"{queries}:1: expected id<TAB>text or JSON")
    queries.write_text("")
    assert fail(*own) == f"{queries}: has no query"


def test_strange_lines_to_encode(model: Path, tmp_path: Path) -> None:
    """Nothing, no words, a very long line, broken UTF-8, NFD: a vector each, zero or of length 1."""
    out = tmp_path / "v.npy"
    nothing = tmp_path / "empty.txt"
    nothing.write_bytes(b"")
    assert succeed("encode", model, nothing, "--out", out).endswith("0 vectors of 16 numbers\n")
    assert np.load(out).shape == (0, 16)
    lines = ["babebo \u00e9t\u00e9", "babebo e\u0301te\u0301", "", "?! \u2014 ...", "babebo " * 200_000]
    done = sprachbund(
        "encode", model, "--out", out, standard_input="\r\n".join(lines).encode() + b"\nbabebo \xff\xfe cidofu\n"
    )
    assert done.returncode == 0
    assert done.stderr.decode().splitlines() == [
        "warning: 2 broken UTF-8 bytes were replaced by U+FFFD",
        "warning: 2 of 6 lines have no words: their vectors are zero",
    ]
    vectors = np.load(out)
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert not vectors[2:4].any()
    np.testing.assert_allclose(np.linalg.norm(vectors[[0, 4, 5]], axis=1), 1, rtol=1e-6)


def test_languages_that_are_all_too_small(tmp_path: Path) -> None:
    """One document a language: no study, and why."""
    small = write_source(tmp_path / "small.jsonl", ("eu", "gl"), documents=1)
    succeed("ingest", small, "--out", tmp_path / "corpus")
    message = fail("transfer", tmp_path / "corpus", "--out", tmp_path / "study", *SMALL)
    assert "a study needs two languages with queries on every side, found none; eu is left out: it has 1" in message
    assert not (tmp_path / "study").exists()
    message = fail("train", tmp_path / "corpus", "--out", tmp_path / "m", *SMALL, "--set", "least_words=50")
    assert "none of eu, gl has two training pairs" in message
    once = ("--set", "epochs=1")
    shown = succeed("train", tmp_path / "corpus", "--out", tmp_path / "m", *SMALL, *once).splitlines()
    rows = [line.split() for line in shown if line.startswith((" eu", " gl"))]
    assert rows == [[code, "6", "1.00", "-", "-", "-", "-", "-"] for code in ("eu", "gl")]
    done = sprachbund("evaluate", tmp_path / "m", tmp_path / "corpus")
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (1, b"")
    assert lines[:2] == [
        f"warning: {code} is left out of the pool unseen: it has no ic query there" for code in ("eu", "gl")
    ]
    assert lines[2].startswith("error: ") and lines[2].endswith(
        "has no ic query on the test side in eu, gl; ingest more text"
    )
    assert len(lines) == 3


def test_ingest_says_what_it_cannot_read(tmp_path: Path) -> None:
    """Nothing there, an unknown language, a way to tell it that there is not."""
    assert "found nothing there" in fail("ingest", tmp_path / "no", "--out", tmp_path / "c")
    text = tmp_path / "text.txt"
    text.write_text("Ola. Isto é un texto.\n", encoding="utf-8")
    assert "zzq" in fail("ingest", text, "--out", tmp_path / "c", "--lang", "zzq")
    assert "'name'" in fail("ingest", text, "--out", tmp_path / "c", "--language-from", "name")
