"""What is got is what was signed, whole and in its place; whatever a server or a folder shows instead is refused."""

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from plain_server import Plain
from small_models import make_model

from sprachbund.errors import FolderError, SettingsError, SourceError
from sprachbund.files import sealed
from sprachbund.zoo import places, trust
from sprachbund.zoo.adding import add_model, remove_model
from sprachbund.zoo.bundle import sign
from sprachbund.zoo.getting import bring, read_whole_card
from sprachbund.zoo.keys import make_keys, read_private
from sprachbund.zoo.opening import open_zoo
from sprachbund.zoo.verifying import verify_folder, verify_zoo

Serve = Callable[..., str]


def files_of(folder: Path) -> dict[str, bytes]:
    """All files of a folder by their paths."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def resign(zoo: Path, key: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Change what a zoo says, and sign it with a key."""
    from hashlib import sha256

    said = json.loads((zoo / "index.json").read_bytes())
    change(said)
    data = json.dumps(sealed(said)).encode()
    (zoo / "index.json").write_bytes(data)
    signature = sign("zoo", {"index.json": sha256(data).hexdigest()}, read_private(key))
    (zoo / "index.json.sig").write_bytes(signature)


@pytest.mark.parametrize("how", ["folder", "server"])
def test_a_model_comes_as_its_maker_wrote_it(how: str, zoo: Path, tmp_path: Path, serve: Serve) -> None:
    """From a folder or over HTTP, to the byte; got again it is only verified; nothing else is left behind."""
    opened = open_zoo(zoo if how == "folder" else serve(zoo))
    (tmp_path / "here").mkdir()
    entry, folder = bring(opened, "gl", tmp_path / "here" / "got")
    assert entry.called == "gl@2" and files_of(folder) == files_of(tmp_path / "newer" / "gl")
    assert bring(opened, "gl@2", folder)[1] == folder
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["got"]
    assert verify_folder(opened, folder)[0].called == "gl@2"
    assert read_whole_card(opened, entry).samples == ("west, then north",)
    found = verify_zoo(opened)
    assert (len(found.models), found.faults) == (4, ())
    with pytest.raises(FolderError, match="holds something else than gl@1"):
        bring(opened, "gl@1", folder)


def test_a_place_that_is_taken_is_left_alone(zoo: Path, tmp_path: Path) -> None:
    """By anything that is not the model."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(FolderError, match="holds something else than en@1"):
        bring(open_zoo(zoo), "en", tmp_path / "mine")
    assert files_of(tmp_path / "mine") == {"letter.txt": b"dear"}
    (tmp_path / "free").mkdir()
    assert files_of(bring(open_zoo(zoo), "en", tmp_path / "free")[1]) == files_of(tmp_path / "models" / "en")


def test_a_download_goes_on(zoo: Path, tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cuts every answer after 2,000 bytes: the rest is asked for, and nothing twice."""
    monkeypatch.setattr(places, "PLAIN", places.PLAIN)
    asked: list[str] = []

    class Cutting(Plain):
        def do_GET(self) -> None:
            path = Path(self.translate_path(self.path))
            if path.name != "weights.bin":
                super().do_GET()
                return
            data = path.read_bytes()
            asked.append(self.headers.get("Range", "all"))
            start = int(asked[-1].removeprefix("bytes=").rstrip("-")) if asked[-1] != "all" else 0
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.send_header("ETag", '"one"')
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.end_headers()
            self.wfile.write(data[start : start + 2_000])

    address = serve(zoo, Cutting)
    quick = places.Remote(same_host=True, pause=0.0, timeout=5.0)
    opened = open_zoo(address)
    place = places.WebPlace(opened.address, quick)
    entry, folder = bring(type(opened)(place, opened.index, opened.key, opened.sha256, False), "en", tmp_path / "got")
    assert asked == ["all", "bytes=2000-", "bytes=4000-"] and entry.called == "en@1"
    assert files_of(folder) == files_of(tmp_path / "models" / "en")


def test_an_interrupted_get_goes_on_later(zoo: Path, tmp_path: Path) -> None:
    """What has come is kept in OUT.partial, another model there is refused, and a third hand's file too."""
    opened = open_zoo(zoo)
    weights = zoo / opened.index.find("en").folder / "model" / "parts" / "weights.bin"
    away = weights.rename(tmp_path / "away.bin")
    with pytest.raises(FolderError, match=r"weights\.bin: the zoo's index lists this file, but it is missing"):
        bring(opened, "en", tmp_path / "got")
    assert not (tmp_path / "got").exists() and (tmp_path / "got.partial" / "model" / "card.json").exists()
    away.rename(weights)
    with pytest.raises(FolderError, match="holds an unfinished download that differs in model, sha256"):
        bring(opened, "es", tmp_path / "got")
    stranger = tmp_path / "got.partial" / "model" / "mine.txt"
    stranger.write_text("mine")
    with pytest.raises(FolderError, match=r"mine\.txt: not of en@1"):
        bring(opened, "en", tmp_path / "got")
    stranger.unlink()
    bring(opened, "en", tmp_path / "got")
    assert not (tmp_path / "got.partial").exists()


def test_damage_is_named_and_nothing_is_placed(zoo: Path, tmp_path: Path, serve: Serve) -> None:
    """A byte of the weights, the card, a file's length: on disk and behind a server."""
    opened = open_zoo(zoo)
    entry = opened.index.find("es")
    weights = zoo / entry.folder / "model" / "parts" / "weights.bin"
    good = weights.read_bytes()
    weights.write_bytes(good.replace(b"of", b"oF"))
    with pytest.raises(FolderError, match=r"weights\.bin: damaged, its SHA-256"):
        bring(opened, "es", tmp_path / "got")
    with pytest.raises(SourceError, match=r"weights\.bin: expected the sha256 checksum"):
        bring(open_zoo(serve(zoo)), "es", tmp_path / "got")
    assert any("weights.bin: damaged" in fault for fault in verify_zoo(opened).faults)
    assert verify_zoo(opened, "gl").faults == ()
    weights.write_bytes(good + b"more")
    with pytest.raises(FolderError, match=r"weights\.bin: damaged, 17 bytes and not 13"):
        bring(opened, "es", tmp_path / "got2")
    with pytest.raises(SourceError, match="expected 13 bytes, the server announces 17"):
        bring(open_zoo(serve(zoo)), "es", tmp_path / "got2")
    card = zoo / entry.folder / "card.json"
    card.write_text(card.read_text().replace("0.5", "0.9"))
    with pytest.raises(FolderError, match=r"card\.json: damaged"):
        read_whole_card(opened, entry)
    assert not (tmp_path / "got").exists() and not (tmp_path / "got2").exists()


def test_a_model_is_compared_with_its_own_signature(zoo: Path, tmp_path: Path) -> None:
    """One that was replaced by that of another model is found."""
    opened = open_zoo(zoo)
    es, en = (zoo / opened.index.find(name).folder / "model.sig" for name in ("es", "en"))
    es.write_bytes(en.read_bytes())
    faults = verify_zoo(opened).faults
    assert len(faults) == 2 and "signs other files than the zoo's index lists" in faults[1]


def test_links_are_not_followed(zoo: Path, tmp_path: Path) -> None:
    """Not even to the right bytes: a folder or a file of a zoo that is a link."""
    opened = open_zoo(zoo)
    folder = zoo / opened.index.find("es").folder
    moved = folder.rename(tmp_path / "moved")
    folder.symlink_to(moved)
    with pytest.raises(FolderError, match="is a link, which is not followed in a zoo"):
        bring(opened, "es", tmp_path / "got")
    (zoo / "index.json").rename(tmp_path / "index.json")
    (zoo / "index.json").symlink_to(tmp_path / "index.json")
    with pytest.raises(FolderError, match=r"index\.json: is a link"):
        open_zoo(zoo)


def test_a_folder_that_was_changed_is_no_model_of_the_zoo(zoo: Path, tmp_path: Path) -> None:
    """`verify --folder`: which it is, or that it is none."""
    opened = open_zoo(zoo)
    _, folder = bring(opened, "es", tmp_path / "got")
    (folder / "note.txt").write_text("mine")
    found, beside = verify_folder(opened, folder, "es")
    assert found.called == "es@1" and beside == [folder / "note.txt"]
    with pytest.raises(FolderError, match=r"is not en@1 of .*: its card\.json is another"):
        verify_folder(opened, folder, "en")
    (folder / "parts" / "weights.bin").unlink()
    with pytest.raises(FolderError, match=r"is not es@1 of .*: it has no parts/weights\.bin"):
        verify_folder(opened, folder, "es")
    with pytest.raises(FolderError, match="is no model of"):
        verify_folder(opened, folder)
    with pytest.raises(FolderError, match="expected a model, found nothing"):
        verify_folder(opened, tmp_path / "nowhere")


@pytest.mark.parametrize("how", ["folder", "server"])
def test_an_older_state_is_refused(how: str, zoo: Path, key: Path, tmp_path: Path, serve: Serve) -> None:
    """A rollback, signed and all; and another state of the same number; until the zoo is forgotten."""
    shown = tmp_path / "shown"
    shutil.copytree(zoo, shown)
    old = tmp_path / "old"
    shutil.copytree(shown, old)
    address = shown if how == "folder" else serve(shown)
    assert open_zoo(address).index.serial == 4

    def show(other: Path) -> None:
        for name in ("index.json", "index.json.sig"):
            (shown / name).write_bytes((other / name).read_bytes())

    remove_model("en", zoo, key=key)
    show(zoo)
    assert open_zoo(address).index.serial == 5
    show(old)
    with pytest.raises(FolderError, match=r"shows its state 4, but 5 was seen here before \(a rollback\)"):
        open_zoo(address)
    resign(old, key, lambda said: said.update(serial=5))
    show(old)
    with pytest.raises(FolderError, match="another state 5 than was seen here before"):
        open_zoo(address)
    assert trust.forget(open_zoo(zoo).address)  # another address: no help
    with pytest.raises(FolderError, match="another state 5"):
        open_zoo(address)
    assert trust.forget(str(address)) and open_zoo(address).index.serial == 5


def test_the_first_key_is_remembered(zoo: Path, tmp_path: Path, key: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A zoo that comes back with another key is refused, whatever number it shows."""
    shown = tmp_path / "shown"
    shutil.copytree(zoo, shown)
    assert open_zoo(shown).new and "met for the first time" in caplog.text
    assert not open_zoo(shown).new
    other = make_keys(tmp_path / "other.key")[0]
    shutil.copy(other.with_name("other.key.pub"), shown / "key.pub")
    fingerprint = read_private(other).public.fingerprint
    resign(shown, other, lambda said: said.update(serial=9, key=fingerprint))
    with pytest.raises(FolderError, match=f"signed by another key, {fingerprint[:16]}, than"):
        open_zoo(shown)
    assert trust.forget(str(shown)) and open_zoo(shown).key.fingerprint == fingerprint


def test_a_key_that_is_given_decides(zoo: Path, key: Path, tmp_path: Path) -> None:
    """At the first meeting too; the key that the zoo shows is then not asked."""
    other = make_keys(tmp_path / "other.key")[1]
    with pytest.raises(FolderError, match="signed by another key"):
        open_zoo(zoo, other)
    (zoo / "key.pub").unlink()
    assert open_zoo(zoo, key.with_name("keeper.key.pub")).index.serial == 4
    with pytest.raises(FolderError, match=r"shows no key\.pub; name the public key of its keeper"):
        open_zoo(zoo)


def test_a_zoo_whose_key_was_exchanged_alone(zoo: Path, tmp_path: Path) -> None:
    """Then the signature is of another key than the one shown."""
    shown = tmp_path / "shown"
    shutil.copytree(zoo, shown)
    make_keys(tmp_path / "other.key")
    shutil.copy(tmp_path / "other.key.pub", shown / "key.pub")
    with pytest.raises(FolderError, match="signed by another key"):
        open_zoo(shown)


def test_a_zoo_that_is_not_signed(zoo: Path, tmp_path: Path) -> None:
    """Nothing in it can be trusted; nor in a folder that is none."""
    shown = tmp_path / "shown"
    shutil.copytree(zoo, shown)
    (shown / "index.json.sig").unlink()
    with pytest.raises(FolderError, match=r"is not signed, it has no index\.json\.sig"):
        open_zoo(shown)
    (shown / "index.json").unlink()
    with pytest.raises(FolderError, match=r"expected a zoo, but it has no index\.json"):
        open_zoo(shown)
    for address, said in ((tmp_path / "nowhere", "found nothing"), (zoo / "key.pub", "found a file")):
        with pytest.raises(FolderError, match=f"expected a zoo, {said}"):
            open_zoo(address)


@pytest.mark.parametrize(
    "address", ["ftp://example.org/zoo", "https://", "http://user:pw@example.org", "https://a b", None]
)
def test_what_is_no_address(address: str | None) -> None:
    """Told before anything is asked."""
    with pytest.raises(SettingsError):
        open_zoo(address)


def test_an_index_that_was_changed(zoo: Path, tmp_path: Path) -> None:
    """By one byte; and a signature that is none."""
    data = (zoo / "index.json").read_bytes()
    (zoo / "index.json").write_bytes(data.replace(b"weather", b"leather"))
    with pytest.raises(FolderError, match="damaged or changed"):
        open_zoo(zoo)
    (zoo / "index.json").write_bytes(data)
    (zoo / "index.json.sig").write_bytes(b"{}")
    with pytest.raises(FolderError, match=r"index\.json\.sig: damaged, not a signature"):
        open_zoo(zoo)


def test_paths_that_lead_out_are_refused_though_signed(zoo: Path, key: Path, tmp_path: Path) -> None:
    """A keeper cannot write into the folders of those who trust them."""

    def change(said: dict[str, object]) -> None:
        said["models"][0]["files"][0]["path"] = "model/../../../evil"  # type: ignore[index]
        said["serial"] = 5

    resign(zoo, key, change)
    with pytest.raises(FolderError, match="no plain path inside a folder"):
        open_zoo(zoo)


def test_another_host_is_not_followed(zoo: Path, serve: Serve) -> None:
    """Neither for the index nor for a file; the same host at another place is."""
    good = serve(zoo)

    class Elsewhere(Plain):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", good.replace("127.0.0.1", "localhost") + self.path)
            self.end_headers()

    class Beside(Elsewhere):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", good + self.path)
            self.end_headers()

    with pytest.raises(SourceError, match="redirected to the host localhost, which is not followed"):
        open_zoo(serve(zoo, Elsewhere))
    assert len(open_zoo(serve(zoo, Beside)).index.models) == 4


@pytest.mark.parametrize("what", ["endless", "slow", "page", "silent"])
def test_servers_that_misbehave(
    what: str, zoo: Path, tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer without end, bytes that drip, a page in place of a file, no answer: each ends, in one line."""
    done = threading.Event()

    class Odd(Plain):
        def do_GET(self) -> None:
            if not self.path.endswith("weights.bin"):
                super().do_GET()
                return
            if what == "silent":
                done.wait(5)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if what == "page" else "application/octet-stream")
            self.end_headers()
            try:
                while not done.is_set():
                    self.wfile.write(b"<html>" if what == "page" else b"x" * (1 if what == "slow" else 60_000))
                    self.wfile.flush()
                    done.wait(0.01 if what == "slow" else 0)
            except OSError:
                pass

    monkeypatch.setattr(places, "GRACE", 0.2)
    quick = places.Remote(same_host=True, pause=0.0, timeout=0.3, tries=2)
    opened = open_zoo(serve(zoo, Odd))
    opened = type(opened)(places.WebPlace(opened.address, quick), opened.index, opened.key, opened.sha256, False)
    said = {
        "endless": "expected 5,013 bytes, found more",
        "slow": "slower than 1,000 a second",
        "page": "found an HTML page",
        "silent": "no answer in time, 2 times in a row",
    }[what]
    try:
        with pytest.raises(SourceError, match=said):
            bring(opened, "en", tmp_path / "got")
    finally:
        done.set()
    assert not (tmp_path / "got").exists()


def test_an_index_without_end(zoo: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server cannot fill the memory, nor a folder."""
    from sprachbund.zoo import opening

    monkeypatch.setattr(opening, "_LARGEST", 1_000)
    with pytest.raises(SourceError, match=r"index\.json: longer than 1,000 bytes"):
        open_zoo(serve(zoo))
    with pytest.raises(FolderError, match=r"index\.json: longer than 1,000 bytes"):
        open_zoo(zoo)


def test_what_is_remembered_may_be_damaged(zoo: Path, home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is named, and not passed over: it says which keys are trusted. One that cannot be written is a warning."""
    open_zoo(zoo)
    path = home / "state" / "sprachbund" / "zoos.json"
    for text in ("[]", "{", '{"x": {"key": 3}}', '{"x": {"key": "a", "serial": "1", "sha256": "b"}}'):
        path.write_text(text)
        with pytest.raises(FolderError, match=r"zoos\.json: damaged"):
            open_zoo(zoo)
    shutil.rmtree(home / "state")
    (home / "state").write_text("in the way")
    assert open_zoo(zoo).index.serial == 4 and "is not remembered" in caplog.text


def test_a_page_of_a_zoo_is_its_address(zoo: Path, serve: Serve) -> None:
    """What a reader copies from the browser works."""
    address = serve(zoo)
    for end in ("", "/", "/index.html", "/index.json"):
        assert open_zoo(address + end).address == address


def test_the_keeper_who_adds_meets_no_stranger(zoo: Path, key: Path, tmp_path: Path) -> None:
    """Somebody who puts the index of before back is found by the next `add` too."""
    old = (zoo / "index.json").read_bytes(), (zoo / "index.json.sig").read_bytes()
    remove_model("en", zoo, key=key)
    (zoo / "index.json").write_bytes(old[0])
    (zoo / "index.json.sig").write_bytes(old[1])
    with pytest.raises(FolderError, match=r"\(a rollback\)"):
        add_model(make_model(tmp_path / "pt", ("pt",)), zoo, key=key)
