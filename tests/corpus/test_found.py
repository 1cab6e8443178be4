"""What lies in a folder and cannot be read is named, and the rest is read."""

import os
import socket
from pathlib import Path

import pytest

from sprachbund.corpus.ingest import IngestSummary, ingest
from sprachbund.corpus.remote import found
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SourceError

TEXT = "The mill stands by the river. It grinds corn."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "texts"
    made.mkdir()
    for name in ("a.txt", "z.txt"):
        (made / name).write_text(f"{name}. {TEXT}")
    return made


def read(folder: Path) -> tuple[IngestSummary, dict[str, str]]:
    """The summary, and the warning about each source that was not read; the two good texts are kept in any case."""
    summary = ingest([folder], folder.parent / "corpus", "en")
    assert Corpus.open(folder.parent / "corpus").documents("en")["document"].to_list() == ["a", "z"]
    bad = [source for source in summary.sources if source.format == "unreadable"]
    assert [source.name for source in summary.sources] == sorted(source.name for source in summary.sources)
    assert all((source.read, source.kept) == (0, 0) for source in bad)
    return summary, {source.name: source.warnings[0] for source in bad}


def test_links_that_lead_nowhere_and_in_circles(folder: Path) -> None:
    """A dangling link, a link to itself, two that point at each other; a link to a file is that file."""
    (folder / "b.txt").symlink_to(folder / "absent.txt")
    (folder / "c.txt").symlink_to("c.txt")
    (folder / "d.txt").symlink_to("e.txt")
    (folder / "e.txt").symlink_to("d.txt")
    (folder / ".hidden").symlink_to("absent")
    _, bad = read(folder)
    assert set(bad) == {"b.txt", "c.txt", "d.txt", "e.txt"}
    assert all(
        text.startswith("a link that leads to no file (") and text.endswith("; not read") for text in bad.values()
    )


def test_a_link_to_a_folder_is_not_followed_and_is_no_fault(folder: Path) -> None:
    """So folders that contain themselves end, and nothing is read twice; under strict it is no error."""
    (folder / "loop").symlink_to(folder)
    summary, bad = read(folder)
    assert bad == {"loop": "a link to a folder, which is not followed; name it; not read"}
    assert not any(source.broken for source in summary.sources)
    assert ingest([folder], folder.parent / "strict", "en", strict=True).counts["en"]["documents"] == 2


def test_pipes_sockets_and_devices_are_not_opened(folder: Path) -> None:
    """Opening a pipe that nobody writes to would wait for ever."""
    os.mkfifo(folder / "b.txt")
    with socket.socket(socket.AF_UNIX) as one:
        # the path of a socket has at most 108 bytes
        here = Path.cwd()
        os.chdir(folder)
        try:
            one.bind("c.txt")
        finally:
            os.chdir(here)
    (folder / "d.txt").symlink_to("/dev/zero")
    _, bad = read(folder)
    assert bad == {
        "b.txt": "a pipe and no file; write what comes out of it to a file and name that; not read",
        "c.txt": "a socket and no file; write what comes out of it to a file and name that; not read",
        "d.txt": "a device and no file; write what comes out of it to a file and name that; not read",
    }
    for name in bad:
        with pytest.raises(SourceError, match=rf"{name}: a (pipe|socket|device) and no file"):
            ingest([folder / name], folder.parent / "named", "en")


def test_files_and_folders_that_may_not_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by the system (root may read all, so it is told here); under strict, or named, an error."""
    (folder / "b.txt").write_text(TEXT)
    (folder / "sub").mkdir()
    (folder / "sub" / "x.txt").write_text(TEXT)
    access, scandir = os.access, os.scandir

    def refusing(path: object) -> object:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)  # type: ignore[call-overload]

    monkeypatch.setattr(found.os, "access", lambda path, mode: not str(path).endswith("b.txt") and access(path, mode))
    monkeypatch.setattr(found.os, "scandir", refusing)
    summary, bad = read(folder)
    assert bad == {
        "b.txt": "cannot be read (Permission denied); not read",
        "sub": "a folder that cannot be listed (Permission denied); not read",
    }
    assert [source.name for source in summary.sources if source.broken] == ["b.txt", "sub"]
    with pytest.raises(SourceError, match=r"b\.txt: cannot be read \(Permission denied\)"):
        ingest([folder / "b.txt"], folder.parent / "named", "en")
    with pytest.raises(SourceError, match=r"cannot be read|cannot be listed"):
        ingest([folder], folder.parent / "strict", "en", strict=True)
    with pytest.raises(SourceError, match=r"sub: the folder cannot be listed \(Permission denied\)"):
        ingest([folder / "sub"], folder.parent / "named", "en")


def test_a_file_that_goes_before_it_is_read(folder: Path) -> None:
    """What was found and is gone, or changed into a folder, is named; so is one of which the disk gives no more."""
    (folder / "b.txt").write_text(TEXT)
    (folder / "c.txt").write_text(TEXT)
    here = found.find_files([folder], folder.parent / "corpus")
    (folder / "b.txt").unlink()
    (folder / "c.txt").unlink()
    (folder / "c.txt").mkdir()
    summary = ingest(here, folder.parent / "corpus", "en")
    assert [(source.name, source.kept) for source in summary.sources] == [
        ("a.txt", 1), ("b.txt", 0), ("c.txt", 0), ("z.txt", 1)
    ]  # fmt: skip
    assert summary.warnings == (
        "b.txt: cannot be read (No such file or directory); not read",
        "c.txt: cannot be read (Is a directory); not read",
    )


def test_a_source_that_cannot_be_read_on_keeps_what_came_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails in the middle, a library that panics while it cuts: the lines before are documents."""
    from sprachbund.corpus.sources import lines

    (folder / "b.jsonl").write_text(f'{{"id": 1, "text": "{TEXT}"}}\n' * 3)

    class Failing(lines.Utf8):
        def __call__(self, stream):  # type: ignore[no-untyped-def]
            yield from super().__call__(stream)
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(lines, "Utf8", Failing)
    source = next(one for one in ingest([folder], folder.parent / "c", "en").sources if one.name == "b.jsonl")
    assert (source.kept, source.read, source.broken) == (1, 3, True)
    assert source.warnings[0] == "cannot be read on (OSError: Input/output error); what came before is kept"


def test_a_bomb_in_a_folder_is_refused_alone(folder: Path) -> None:
    """Nothing of it is kept, its ids are free again, and with a higher limit the same folder gives it."""
    import gzip

    from sprachbund.corpus.sources.streams import Limits

    line = f'{{"id": 1, "text": "{TEXT}"}}\n'.encode()
    (folder / "b.gz").write_bytes(gzip.compress(line + b" " * (70 << 20)))
    (folder / "c.jsonl").write_bytes(line)
    tight = ingest([folder], folder.parent / "c", "en", limits=Limits(ratio=100))
    assert [(one.name, one.kept) for one in tight.sources] == [("a.txt", 1), ("b.gz", 0), ("c.jsonl", 1), ("z.txt", 1)]
    assert "expands more than 100 times" in tight.sources[1].warnings[0] and tight.sources[1].broken
    assert Corpus.open(folder.parent / "c").documents("en")["document"].to_list() == ["a", "1", "z"]
    again = ingest([folder], folder.parent / "c", "en", limits=Limits(ratio=0))
    # the spaces behind its line are a line of 70 MB, which is longer than the limit only where memory is short
    assert again.sources[1].kept == 0 and again.sources[1].dropped["duplicate id with the same text"] == 1
