"""A saved encoder that goes on in another language: its rows and strings, what it tells, and what is refused."""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tiny import NOISE_SETTINGS, noise, write_corpus

from sprachbund import Corpus, Encoder, evaluate, train
from sprachbund.errors import FolderError, SettingsError, SourceError
from sprachbund.files import sealed
from sprachbund.retrieval.encoder import training
from sprachbund.retrieval.settings import change, preset

pytestmark = pytest.mark.usefixtures("one_thread")

SETTINGS = change(NOISE_SETTINGS, dim=16, characters=(4,), epochs=2.0)


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Corpus]:
    """A corpus of each of three languages, that share a third of their words."""
    folder = tmp_path_factory.mktemp("starting")
    documents = noise(documents=30, topics=0)
    return {
        language: write_corpus(folder / language, [each for each in documents if each[0] == language])
        for language in ("es", "gl", "pt")
    }


@pytest.fixture(scope="module")
def spanish(corpora: dict[str, Corpus], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model of es."""
    folder = tmp_path_factory.mktemp("models") / "es"
    train(corpora["es"], folder, settings=SETTINGS)
    return folder


def rows(encoder: Encoder) -> dict[tuple[str, int], bytes]:
    """The row of each n-gram: its string and kind."""
    assert isinstance(encoder.table, np.ndarray)
    keys = zip(encoder.vocabulary.strings.to_list(), encoder.vocabulary.orders.tolist(), strict=True)
    return {key: row.tobytes() for key, row in zip(keys, encoder.table, strict=True)}


def test_what_the_new_text_lacks_stays_with_its_string(
    corpora: dict[str, Corpus], spanish: Path, tmp_path: Path
) -> None:
    """Kept still to the end: every row of the start is there, those of pt beside them; opened again it is the same."""
    made = train(corpora["pt"], tmp_path / "pt", settings=SETTINGS, start=spanish, freeze=1.0)
    before, after = rows(Encoder.load(spanish)), rows(made)
    assert all(after[key] == row for key, row in before.items())
    alone = rows(train(corpora["pt"], settings=SETTINGS))
    assert after.keys() == before.keys() | alone.keys() and len(alone.keys() - before.keys()) > 50
    opened = Encoder.load(tmp_path / "pt")
    sentences = [text for code in ("es", "pt") for text in corpora[code].read(code, ["text"])["text"][:50].to_list()]
    assert opened.encode(sentences).tobytes() == made.encode(sentences).tobytes()
    # a sentence of es alone is encoded as it was: its n-grams have the rows that they had
    only = [text for text in sentences[:50] if not any(word in w for w in text.split() for word, _ in alone)]
    assert only and opened.encode(only).tobytes() == Encoder.load(spanish).encode(only).tobytes()
    counts = np.asarray(opened.vocabulary.counts)
    assert np.all(counts[1:] <= counts[:-1])
    start, own = Encoder.load(spanish).vocabulary, train(corpora["pt"], settings=SETTINGS).vocabulary
    summed = dict(zip(start.keys.tolist(), start.counts.tolist(), strict=True))
    for key, count in zip(own.keys.tolist(), own.counts.tolist(), strict=True):
        summed[key] = summed.get(key, 0) + count
    assert summed == dict(zip(opened.vocabulary.keys.tolist(), counts.tolist(), strict=True))


def test_near_makes_a_model_of_the_new_text_alone(corpora: dict[str, Corpus], spanish: Path) -> None:
    """With no batch: as many rows as without a start; the same n-grams have the start's bits."""
    still = change(SETTINGS, epochs=0.0)
    made = rows(train(corpora["pt"], settings=still, start=spanish, carry="near"))
    alone = rows(train(corpora["pt"], settings=still))
    before = rows(Encoder.load(spanish))
    assert made.keys() == alone.keys()
    assert all(made[key] == before[key] for key in made.keys() & before.keys())
    assert len(made.keys() & before.keys()) > 20


def test_a_chain_says_where_it_came_from(corpora: dict[str, Corpus], spanish: Path, tmp_path: Path) -> None:
    """es, gl, pt: each model names its start, how its rows came over, and what that was started from; the card too."""
    train(corpora["gl"], tmp_path / "gl", settings=SETTINGS, start=spanish)
    made = train(corpora["pt"], tmp_path / "pt", settings=SETTINGS, start=tmp_path / "gl", carry="near", freeze=0.25)
    about = Encoder.load(tmp_path / "pt").about["start"]
    assert about == made.about["start"]
    assert (about["name"], about["carry"], about["freeze"], about["languages"]) == ("gl", "near", 0.25, ["gl"])
    first = about["start"]
    assert (first["name"], first["carry"], first["freeze"], first["languages"]) == ("es", "same", 0.0, ["es"])
    assert "start" not in first
    assert first["work"] == Encoder.load(spanish).about["work"] and len({first["hash"], about["hash"]}) == 2
    told = about["rows"]
    assert told["identical"] + told["near"] + told["fresh"] == len(made.table) and told["kept"] == 0
    card = (tmp_path / "pt" / "README.md").read_text()
    assert f"It went on from `gl` (gl), which went on from `es` (es): carry near, {told['identical']:,} rows of" in card
    assert "kept still for 25% of the batches." in card
    found = evaluate(made, corpora["pt"], split="dev", baselines=False).results
    assert made.about["scores"][0]["mrr"] == pytest.approx(
        found.filter(pl.col("measure") == "mrr")["value"][0], abs=1e-12
    )


def test_a_model_in_memory_is_the_same_start(corpora: dict[str, Corpus], spanish: Path) -> None:
    """Its hash is that of its rows, whether it was saved or not."""
    from_disk = train(corpora["pt"], settings=SETTINGS, start=spanish)
    at_hand = train(corpora["pt"], settings=SETTINGS, start=train(corpora["es"], settings=SETTINGS))
    assert from_disk.table.tobytes() == at_hand.table.tobytes()  # type: ignore[union-attr]
    assert from_disk.about["start"]["hash"] == at_hand.about["start"]["hash"]
    assert from_disk.about["work"] == at_hand.about["work"] != train(corpora["pt"], settings=SETTINGS).about["work"]
    assert at_hand.about["start"]["name"] == ""


def test_a_start_in_fewer_bits_is_a_start(corpora: dict[str, Corpus], spanish: Path, tmp_path: Path) -> None:
    """Saved with 8 bits a number: the rows that begin are those that it gives."""
    Encoder.load(spanish).save(tmp_path / "short", bits=8)
    short = rows(Encoder.load(tmp_path / "short"))
    made = rows(train(corpora["pt"], settings=SETTINGS, start=tmp_path / "short", freeze=1.0))
    assert all(made[key] == row for key, row in short.items())
    mapped = Encoder.load(tmp_path / "short", mapped=True)
    again = rows(train(corpora["pt"], settings=SETTINGS, start=mapped, freeze=1.0))
    assert again == made


def test_a_table_from_a_file(corpora: dict[str, Corpus], spanish: Path, tmp_path: Path) -> None:
    """Its rows are counted, its name and its hash are told; another content is other work."""
    own = [key for key, order in rows(train(corpora["pt"], settings=SETTINGS)) if order == 1]
    foreign = [key for key, order in rows(Encoder.load(spanish)) if order == 1]
    new = [key for key in own if key not in foreign]
    table = tmp_path / "words.tsv"
    table.write_text("".join(f"{target}\t{start}\n" for target, start in zip(new[:5], foreign[:5], strict=True)))
    made = train(corpora["pt"], tmp_path / "pt", settings=change(SETTINGS, epochs=0.0), start=spanish, carry=table)
    assert made.about["start"]["rows"]["given"] == 5 and made.about["start"]["table_name"] == "words.tsv"
    before, after = rows(Encoder.load(spanish)), rows(made)
    assert [after[key, 1] for key in new[:5]] == [before[key, 1] for key in foreign[:5]]
    assert "carry table by `words.tsv`" in (tmp_path / "pt" / "README.md").read_text()
    table.write_text(f"{new[0]}\t{foreign[1]}\n")
    with pytest.raises(FolderError, match="holds an encoder of other data or settings"):
        train(corpora["pt"], tmp_path / "pt", settings=change(SETTINGS, epochs=0.0), start=spanish, carry=table)


@pytest.mark.parametrize("carry", ["same", "near"])
def test_a_killed_training_goes_on_to_the_same_bits(
    carry: str, corpora: dict[str, Corpus], spanish: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the middle, with rows kept still; another start in the same place is refused."""
    settings: dict[str, Any] = {"settings": change(SETTINGS, epochs=6.0), "carry": carry, "freeze": 0.6}
    whole = train(corpora["pt"], start=spanish, **settings)
    step = training.train_step

    def stop(*given: Any) -> float:
        stop.calls += 1  # type: ignore[attr-defined]
        if stop.calls == 9:  # type: ignore[attr-defined]
            raise KeyboardInterrupt
        return step(*given)

    stop.calls = 0  # type: ignore[attr-defined]
    with monkeypatch.context() as patched:
        patched.setattr(training, "train_step", stop)
        patched.setattr(training, "KEEPING", 0.0)
        with pytest.raises(KeyboardInterrupt):
            train(corpora["pt"], tmp_path / "pt", start=spanish, checkpoint_every=1e-9, **settings)
    assert (tmp_path / "pt.partial" / "checkpoint" / "checkpoint.json").exists()
    with pytest.raises(FolderError, match="holds unfinished work that differs in start"):
        train(corpora["pt"], tmp_path / "pt", start=train(corpora["gl"], settings=SETTINGS), **settings)
    made = train(corpora["pt"], tmp_path / "pt", start=spanish, **settings)
    assert made.table.tobytes() == whole.table.tobytes()  # type: ignore[union-attr]
    assert made.about["start"] == whole.about["start"] and made.about["losses"] == whole.about["losses"]
    assert [path.name for path in tmp_path.iterdir()] == ["pt"]


def test_the_shape_comes_from_the_start(
    corpora: dict[str, Corpus], spanish: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A preset takes the start's shape and split; settings of another shape are refused, of another split warned of."""
    made = train(corpora["pt"], settings="best", start=spanish)
    assert made.settings.encoder.dim == 16 and made.settings.shares == SETTINGS.shares
    assert made.settings.training == preset("best").training
    assert train(corpora["pt"], start=spanish).about["work"] == made.about["work"]
    with pytest.raises(SettingsError, match="dim is 512 and the start's 16; leave them out, or train without a start"):
        train(corpora["pt"], settings=preset("best"), start=spanish)
    with_lists: Any = {"characters": [4], "shares": [0.5, 0.2, 0.3]}  # as a caller may write them
    assert train(corpora["pt"], settings=change(SETTINGS, **with_lists, epochs=0.0), start=spanish).about["start"]
    assert not caplog.text
    with caplog.at_level(logging.WARNING):
        train(corpora["pt"], settings=change(SETTINGS, split_seed=4, epochs=0.0), start=spanish)
    assert "another split (split_seed): what is dev and test here it may have learned from" in caplog.text


def test_what_is_no_start(corpora: dict[str, Corpus], spanish: Path, tmp_path: Path) -> None:
    """Nothing, another folder, one with a model inside, damage, another format: a line that says what to do."""
    corpus = corpora["pt"]

    def refused(start: Any, **given: Any) -> str:
        with pytest.raises((FolderError, SettingsError, SourceError)) as caught:
            train(corpus, tmp_path / "out", settings=SETTINGS, start=start, **given)
        assert "\n" not in str(caught.value) and not (tmp_path / "out").exists()
        assert not (tmp_path / "out.partial").exists()
        return str(caught.value)

    assert refused(tmp_path / "none").endswith("found nothing; a start is a folder that train wrote")
    assert "has no encoder.json; a start is a folder that train wrote" in refused(corpus.path)
    assert refused(spanish.parent).endswith(f"; there is an encoder in {spanish}")
    own = Path(shutil.copytree(spanish, tmp_path / "own"))
    data = bytearray((own / "vectors.safetensors").read_bytes())
    data[-3] ^= 1
    (own / "vectors.safetensors").write_bytes(bytes(data))
    assert "damaged, its SHA-256" in refused(own)
    manifest = json.loads((spanish / "encoder.json").read_text())
    (own / "encoder.json").write_text(json.dumps(sealed({**manifest, "format": 3})))
    assert "encoder format 3" in refused(own)
    assert "found 1.5" in refused(spanish, freeze=1.5)
    assert "found NoneType" in refused(spanish, carry=None)
    assert "none.tsv: expected a table here, found nothing" in refused(spanish, carry=tmp_path / "none.tsv")
    assert "expected a table whose name ends in" in refused(spanish, carry="sames")
    assert "none of its 1 rows" in refused(spanish, carry={"nothing": "here"})
    for given in ({"carry": "near"}, {"freeze": 0.5}):
        assert "name it as the start" in refused(None, **given)


@pytest.mark.parametrize(
    "start",
    [
        "es", {}, {"name": "es", "hash": "x", "carry": "same", "freeze": 0.0, "rows": {"kept": "1"}},
        {"name": "es", "hash": "x", "carry": "same", "freeze": 0.0, "rows": {}, "languages": [1]},
        {"name": "es", "hash": "x", "carry": "same", "freeze": 0.0, "rows": {}, "start": []},
        {"name": "es", "hash": "x", "carry": "same", "freeze": 0.0, "rows": {}, "table_name": 1},
    ],
)  # fmt: skip
def test_what_a_model_says_of_its_start_is_checked(start: Any, spanish: Path, tmp_path: Path) -> None:
    """Cards and tables rely on it."""
    own = Path(shutil.copytree(spanish, tmp_path / "own"))
    manifest = json.loads((own / "encoder.json").read_text())
    manifest["about"]["start"] = start
    (own / "encoder.json").write_text(json.dumps(sealed(manifest)))
    with pytest.raises(FolderError, match=r"its about\.start cannot be read"):
        Encoder.load(own, check=False)
