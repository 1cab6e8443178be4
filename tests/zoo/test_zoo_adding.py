"""Models come in whole, stand side by side, and go without breaking a lineage in silence."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from small_models import make_model

from sprachbund.claims import writing
from sprachbund.errors import FolderError, SettingsError
from sprachbund.zoo import adding, models
from sprachbund.zoo.adding import add_model, remove_model
from sprachbund.zoo.keys import make_keys
from sprachbund.zoo.lineage import heirs, links
from sprachbund.zoo.opening import open_zoo
from sprachbund.zoo.verifying import verify_zoo


def test_two_versions_stand_side_by_side(zoo: Path) -> None:
    """Each in a folder of its own whose name has its hash; the maker's files as they were."""
    index = open_zoo(zoo).index
    assert [each.called for each in index.models] == ["en@1", "es@1", "gl@1", "gl@2"]
    for each in index.models:
        assert each.folder == f"models/{each.called}-{each.sha256[:12]}"
        whole = {
            path.relative_to(zoo / each.folder).as_posix() for path in (zoo / each.folder).rglob("*") if path.is_file()
        }
        assert whole == {file.path for file in each.files} and "model/parts/weights.bin" in whole
    weights = [(zoo / each.folder / "model" / "parts" / "weights.bin").read_text() for each in index.models[2:]]
    assert weights == ["weights of gl", "longer training of gl"]
    assert verify_zoo(open_zoo(zoo)).faults == ()


def test_the_same_model_changes_nothing(zoo: Path, key: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Under its name it is there; under another it is added."""
    before = (zoo / "index.json").read_bytes()
    assert add_model(tmp_path / "models" / "gl", zoo, key=key).called == "gl@1"
    assert (zoo / "index.json").read_bytes() == before and "is there already, as gl@1" in caplog.text
    assert add_model(tmp_path / "models" / "gl", zoo, key=key, name="galego").called == "galego@1"


def test_names_differ_by_more_than_case(zoo: Path, key: Path, tmp_path: Path) -> None:
    """On many a file system the two would be one."""
    with pytest.raises(SettingsError, match="has the name gl, which differs by case alone"):
        add_model(make_model(tmp_path / "GL", ("gl",), text="other"), zoo, key=key)
    with pytest.raises(SettingsError, match="no name of ASCII in its card or folder; give it one with --name"):
        add_model(make_model(tmp_path / "галисийский", ("gl",), text="x"), zoo, key=key)
    with pytest.raises(SettingsError, match="cannot be the name of a model"):
        add_model(tmp_path / "models" / "gl", zoo, key=key, name="../gl")


def test_lineage_is_known_by_hash(zoo: Path) -> None:
    """Whatever a start was called by those who started from it."""
    index = open_zoo(zoo).index
    assert [(link.heir.called, link.called) for link in links(index)] == [("gl@1", "es@1"), ("gl@2", "es@1")]
    assert [each.called for each in heirs(index, index.find("es"))] == ["gl@1", "gl@2"]
    assert heirs(index, index.find("gl@1")) == []


def test_removal_breaks_no_lineage_in_silence(zoo: Path, key: Path) -> None:
    """Refused, or a stone stays that heirs go on to name; the version is not given again."""
    with pytest.raises(SettingsError, match=r"gl@1, gl@2 went on from es@1.*--anyway"):
        remove_model("es", zoo, key=key)
    stone, following = remove_model("es@1", zoo, key=key, anyway=True, date="2026-02-01")
    assert (stone.name, stone.version, stone.languages, following) == ("es", 1, ("es",), ("gl@1", "gl@2"))
    opened = open_zoo(zoo)
    assert [link.called for link in links(opened.index)] == ["es@1", "es@1"]
    assert all(link.found == stone for link in links(opened.index))
    assert not list(zoo.glob("models/es@1*")) and verify_zoo(opened).faults == ()
    with pytest.raises(SettingsError, match="es@1 was removed from this zoo on 2026-02-01"):
        opened.index.find("es")


def test_a_removed_version_is_not_given_again(zoo: Path, key: Path, tmp_path: Path) -> None:
    """Who asks for gl@2 gets that or nothing."""
    with pytest.raises(SettingsError, match="has gl@1, gl@2; say which"):
        remove_model("gl", zoo, key=key)
    remove_model("gl@2", zoo, key=key)
    assert add_model(tmp_path / "newer" / "gl", zoo, key=key).called == "gl@3"
    assert open_zoo(zoo).index.find("gl").called == "gl@3"


def test_nothing_foreign_is_deleted(zoo: Path, key: Path) -> None:
    """A note that somebody left in a model's folder keeps the model."""
    folder = zoo / open_zoo(zoo).index.find("en").folder
    (folder / "note.txt").write_text("mine")
    with pytest.raises(FolderError, match=r"note\.txt: not written by sprachbund"):
        remove_model("en", zoo, key=key)
    assert (folder / "model" / "vane.json").exists() and open_zoo(zoo).index.find("en")
    assert verify_zoo(open_zoo(zoo)).foreign == (str(folder / "note.txt"),)


def test_a_zoo_is_made_in_an_empty_folder_alone(tmp_path: Path, key: Path) -> None:
    """Not among somebody's files."""
    model = make_model(tmp_path / "es", ("es",))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(FolderError, match=r"expected a zoo or an empty folder, found letter\.txt"):
        add_model(model, tmp_path / "mine", key=key)
    with pytest.raises(FolderError, match="expected a zoo, but it has no index"):
        remove_model("es", tmp_path / "mine", key=key)


def test_another_key_does_not_go_on(zoo: Path, tmp_path: Path) -> None:
    """Nor does one go on from an index that somebody changed."""
    other = make_keys(tmp_path / "other.key")[0]
    model = make_model(tmp_path / "pt", ("pt",))
    with pytest.raises(FolderError, match="signed by another key"):
        add_model(model, zoo, key=other)
    (zoo / "index.json").write_bytes((zoo / "index.json").read_bytes().replace(b"cc0-1.0", b"cc0-1.1"))
    with pytest.raises(FolderError, match="damaged or changed"):
        add_model(model, zoo, key=tmp_path / "keeper.key")


def test_what_is_no_finished_model(tmp_path: Path, key: Path) -> None:
    """Nothing, a file, unfinished work, no card, a link, a hidden trick, two manifests, damage: one line each."""
    good = make_model(tmp_path / "good", ("es",))

    def other(name: str) -> Path:
        return make_model(tmp_path / name, ("es",), text=name)

    (tmp_path / "coming.partial").mkdir()
    (tmp_path / "empty").mkdir()
    damaged, linked, cardless, double, gone = (
        other(name) for name in ("damaged", "linked", "cardless", "double", "gone")
    )
    (damaged / "parts" / "weights.bin").write_text("other weights")
    (linked / "parts" / "weights.bin").rename(tmp_path / "elsewhere.bin")
    (linked / "parts" / "weights.bin").symlink_to(tmp_path / "elsewhere.bin")
    (cardless / "card.json").unlink()
    (double / "second.json").write_bytes((double / "vane.json").read_bytes())
    (gone / "parts" / "weights.bin").unlink()
    (tmp_path / "way").symlink_to(good)
    cases = [
        (tmp_path / "nothing", "expected a model, found nothing"),
        (good / "card.json", "expected a model, found a file"),
        (tmp_path / "coming", "is still being made, unfinished work lies in"),
        (tmp_path / "empty", "expected a finished model with a manifest or a card.json, found nothing"),
        (damaged, "weights.bin: damaged, its SHA-256 is not the one in vane.json"),
        (linked, "weights.bin: is a link"),
        (cardless, "manifest lists this file, but it is missing"),
        (double, "has the manifests second.json, vane.json"),
        (gone, "manifest lists this file, but it is missing"),
        (tmp_path / "way", "is a link; name the folder"),
    ]
    for folder, said in cases:
        with pytest.raises(FolderError, match=said):
            add_model(folder, tmp_path / "zoo", key=key)
    assert not (tmp_path / "zoo").exists()


def test_a_kind_without_cards_is_named(tmp_path: Path, key: Path) -> None:
    """Only of kinds that are known here a card is made."""
    from sprachbund.files import write_manifest

    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "x.bin").write_bytes(b"x")
    write_manifest(folder, "new.json", "sun dial", 1)
    with pytest.raises(FolderError, match=r"a model of the kind 'sun dial' without a card\.json"):
        add_model(folder, tmp_path / "zoo", key=key)


def test_a_model_without_a_manifest_is_all_its_files(tmp_path: Path, key: Path) -> None:
    """A card is enough for a kind of somebody else's; hidden files are no part."""
    folder = make_model(tmp_path / "bare", ("es",))
    (folder / "vane.json").unlink()
    (folder / ".notes").write_text("hidden")
    entry = add_model(folder, tmp_path / "zoo", key=key)
    assert {file.path for file in entry.model_files} == {"card.json", "parts/weights.bin"}


def test_what_the_manifest_does_not_list_is_no_part(tmp_path: Path, key: Path) -> None:
    """A file that somebody left in the folder is not given away."""
    folder = make_model(tmp_path / "es", ("es",))
    (folder / "diary.txt").write_text("private")
    entry = add_model(folder, tmp_path / "zoo", key=key)
    assert {file.path for file in entry.model_files} == {"card.json", "vane.json", "parts/weights.bin"}
    assert not any(b"private" in path.read_bytes() for path in (tmp_path / "zoo").rglob("*") if path.is_file())


def test_a_model_that_another_process_writes(tmp_path: Path, key: Path) -> None:
    """The lock of the writer is seen, and nothing is added."""
    model = make_model(tmp_path / "es", ("es",))
    code = (
        "import sys\nfrom pathlib import Path\nfrom sprachbund.claims import writing\n"
        "with writing(Path(sys.argv[1])):\n    print('in', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(model)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == b"in\n"
        with pytest.raises(FolderError, match="another process is writing it; wait for its end"):
            add_model(model, tmp_path / "zoo", key=key)
        other.communicate()
    assert add_model(model, tmp_path / "zoo", key=key).called == "es@1"


def test_a_model_that_changes_while_it_is_read(tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of one and half of another is no model: nothing is added, and nothing is left."""
    model = make_model(tmp_path / "es", ("es",))
    seen = models.finished

    def slow(folder: Path) -> models.Finished:
        found = seen(folder)
        (folder / "parts" / "weights.bin").write_text("new weights")
        return found

    monkeypatch.setattr(adding, "finished", slow)
    with pytest.raises(FolderError, match="changed while it was read"):
        add_model(model, tmp_path / "zoo", key=key)
    assert list((tmp_path / "zoo").iterdir()) == [tmp_path / "zoo" / "models"]
    assert not list((tmp_path / "zoo" / "models").iterdir())


def test_one_changes_a_zoo_at_a_time(zoo: Path, key: Path, tmp_path: Path) -> None:
    """The second is refused, and does no harm."""
    model = make_model(tmp_path / "pt", ("pt",))
    with writing(zoo / "index.json"), pytest.raises(FolderError, match="another process is writing it"):
        add_model(model, zoo, key=key)


@pytest.mark.parametrize("steps", range(6))
def test_killed_between_any_two_steps_it_is_a_zoo(
    steps: int, zoo: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state before or the one after, signed; and the next change goes through."""
    done = 0

    def write(path: Path, data: bytes) -> None:
        nonlocal done
        if done == steps:
            raise KeyboardInterrupt
        done += 1
        path.write_bytes(data)

    replace = Path.replace

    def exchange(self: Path, target: Path) -> Path:
        nonlocal done
        if self.name == "index.json.sig.next":
            if done == steps:
                raise KeyboardInterrupt
            done += 1
        return replace(self, target)

    model = make_model(tmp_path / "pt", ("pt",))
    with monkeypatch.context() as patch:
        patch.setattr(adding, "write_bytes", write)
        patch.setattr(Path, "replace", exchange)
        if steps < 5:  # the model's signature, the key, the next signature, the index, the exchange
            with pytest.raises(KeyboardInterrupt):
                add_model(model, zoo, key=key)
        else:
            add_model(model, zoo, key=key)
    opened = open_zoo(zoo)
    assert opened.index.serial == (5 if steps >= 4 else 4)
    assert sha256((zoo / "index.json").read_bytes()).hexdigest() == opened.sha256
    entry = add_model(model, zoo, key=key, name="pt2" if steps >= 4 else None)
    assert entry.name in ("pt", "pt2") and verify_zoo(open_zoo(zoo)).faults == ()
    assert not (zoo / "index.json.sig.next").exists()
    assert len(list((zoo / "models").iterdir())) == len(open_zoo(zoo).index.models)


def test_an_encoder_gets_a_card(tmp_path: Path, key: Path) -> None:
    """Of its manifest: scores, curve, recipe, parameters; its lineage by the hash of the work."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from damaged import SETTINGS, make_corpus
    from sprachbund.corpus.store import Corpus
    from sprachbund.retrieval.train import train
    from sprachbund.zoo.getting import read_whole_card

    corpus = make_corpus(tmp_path / "corpus")
    parent = train(corpus, tmp_path / "parent", settings=SETTINGS)
    child = train(corpus, tmp_path / "child", settings=SETTINGS, start=tmp_path / "parent", seed=1)
    for name in ("parent", "child"):
        add_model(
            tmp_path / name, tmp_path / "zoo", key=key, corpus=corpus, licence="cc-by-4.0", text="tales",
            text_licence="cc0-1.0",
        )  # fmt: skip
    opened = open_zoo(tmp_path / "zoo")
    entry = opened.index.find("child")
    card = read_whole_card(opened, entry)
    assert card.kind == "encoder" and card.languages == tuple(child.about["languages"])
    assert card.parameters == child.table.size and card.bytes == entry.size
    assert card.recipe == child.about["work"] and card.started_from[0].sha256 == parent.about["work"]
    assert [score.value for score in card.scores[:1]] == [child.about["scores"][0]["mrr"]]
    assert card.curve is None or card.curve.points[-1] == tuple(map(float, child.about["curve"][-1]))
    counts = Corpus.open(corpus).counts
    assert card.data[0].characters == sum(counts[each]["characters"] for each in card.languages)
    assert (card.data[0].name, card.data[0].licence, card.licence) == ("tales", "cc0-1.0", "cc-by-4.0")
    assert all(": " in sample and ", " in sample for sample in card.samples)
    assert [link.called for link in links(opened.index)] == ["parent@1"]
    with pytest.raises(SettingsError, match="another text than the model learned from"):
        add_model(tmp_path / "child", tmp_path / "zoo", key=key, name="x", corpus=make_other_corpus(corpus, tmp_path))


def make_other_corpus(corpus: Path, tmp_path: Path) -> Path:
    """The languages of a corpus in other words."""
    from sprachbund import Corpus, ingest

    lines = [
        json.dumps({"id": f"{code}{n}", "lang": code, "text": f"Outro texto número {n}. E mais uma frase aqui."})
        for code in Corpus.open(corpus).languages
        for n in range(40)
    ]
    (tmp_path / "other.jsonl").write_text("\n".join(lines))
    ingest([tmp_path / "other.jsonl"], tmp_path / "other")
    return tmp_path / "other"
