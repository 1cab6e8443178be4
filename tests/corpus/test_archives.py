"""The members of archives are read as the files of a folder are, within limits that hold for all of them together."""

import bz2
import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from made_files import docx, packed, tarred
from sprachbund.corpus.ingest import IngestSummary, ingest
from sprachbund.corpus.sources.streams import Limits
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SourceError

WORD = docx("<w:p><w:r><w:t>Um texto de escritório.</w:t></w:r></w:p>")
ROWS = "".join(json.dumps({"id": f"r{n}", "text": f"A linha {n} tem texto.", "url": "u"}) + "\n" for n in range(3))
MEMBERS: dict[str, bytes | str] = {
    "a.txt": "Um texto simples.",
    "sub/b.html": "<html lang=pt><p>Um texto de uma página.</p></html>",
    "sub/c.jsonl.gz": gzip.compress(ROWS.encode()),
    "d.docx": WORD,
    "../../etc/e.md": "# Título\n\nUm texto em Markdown.\n",
    "/f.csv": "id,body\nk,Um texto numa tabela.\n",
    "g.png": b"\x89PNG\r\n\x1a\n",
    "__MACOSX/._a.txt": b"\0\5\x16\7",
    ".hidden": "Isto não.",
    "h.py": "print()",
    "i.txt": "",
}
EXPECTED = {
    "x.bin/a": "Um texto simples.",
    "x.bin/sub/b.html": "Um texto de uma página.",
    "r0": "A linha 0 tem texto.",
    "r1": "A linha 1 tem texto.",
    "r2": "A linha 2 tem texto.",
    "x.bin/d.docx": "Um texto de escritório.",
    "x.bin/etc/e.md": "Um texto em Markdown.",
    "k": "Um texto numa tabela.",
}


def read(tmp_path: Path, data: bytes, **options: object) -> tuple[IngestSummary, dict[str, str]]:
    """The summary, and the text of each document by its id."""
    path = tmp_path / "x.bin"
    path.write_bytes(data)
    summary = ingest([path], tmp_path / "corpus", "pt", **options)  # type: ignore[arg-type]
    corpus = Corpus.open(tmp_path / "corpus")
    return summary, dict(corpus.read("pt", ["document", "text"]).rows()) if corpus.languages else {}


@pytest.mark.parametrize(
    "data",
    [
        packed(MEMBERS),
        packed({"inner.zip": packed(MEMBERS)}),
        tarred(MEMBERS),
        gzip.compress(tarred(MEMBERS), mtime=0),
        bz2.compress(tarred(MEMBERS)),
    ],
    ids=["zip", "zip in zip", "tar", "tar.gz", "tar.bz2"],
)
def test_members_are_read_as_files_are(data: bytes, tmp_path: Path) -> None:
    """Of all formats, in their order; names that lead elsewhere are only names; what has no text is passed over."""
    summary, found = read(tmp_path, data)
    assert summary.sources[0].format == "archive"
    assert {name.replace("inner.zip/", ""): text for name, text in found.items()} == EXPECTED
    assert summary.passed == {"code and settings": 1, "images": 1}
    assert summary.sources[0].dropped == {"empty": 1}


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    """Neither beside the archive, nor where the names of its members lead."""
    read(tmp_path, packed({"../evil.txt": "Um texto mau.", "/tmp/sprachbund-evil.txt": "Outro texto."}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "x.bin"]
    assert not (tmp_path.parent / "evil.txt").exists() and not Path("/tmp/sprachbund-evil.txt").exists()


def test_a_member_that_cannot_be_read_costs_itself(tmp_path: Path) -> None:
    """Damaged, of a compression that is not known, or of no format; the others are kept."""
    data = bytearray(
        packed({"a.txt": "Um texto.", "b.txt": "Outro texto. " * 99, "c.txt": "Mais um.", "d.json": '[{"a'})
    )
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        start = archive.getinfo("b.txt").header_offset
    data[start + 40 : start + 50] = bytes(10)
    summary, found = read(tmp_path, bytes(data))
    assert found == {"x.bin/a": "Um texto.", "x.bin/c": "Mais um."}
    assert summary.sources[0].dropped == {"damaged": 1}
    assert "b.txt: cannot be unpacked" in " ".join(summary.warnings)
    assert "d.json: broken JSON" in " ".join(summary.warnings)


def test_a_protected_member_is_named(tmp_path: Path) -> None:
    """What opens with a password only."""
    data = bytearray(packed({"a.txt": "Um texto.", "b.txt": "Outro."}))
    place = data.rfind(b"PK\x01\x02")
    data[place + 8] |= 1
    summary, found = read(tmp_path, bytes(data))
    assert found == {"x.bin/a": "Um texto."}
    assert "protected: 1 records skipped (b.txt: it opens with a password only)" in " ".join(summary.warnings)


def test_a_tar_archive_that_is_cut_keeps_what_came_before(tmp_path: Path) -> None:
    """It is damage, an error under --strict."""
    data = gzip.compress(tarred({"a.txt": "Um texto.", "b.txt": "Outro texto. " * 10_000}))
    summary, found = read(tmp_path, data[: len(data) - 60])
    assert list(found) == ["x.bin/a"] and summary.sources[0].broken
    with pytest.raises(SourceError, match="truncated"):
        ingest([tmp_path / "x.bin"], tmp_path / "strict", "pt", strict=True)


def test_links_and_devices_in_a_tar_archive_are_none_of_its_files(tmp_path: Path) -> None:
    """Only files are read."""
    buffer = io.BytesIO(tarred({"a.txt": "Um texto."}))
    with tarfile.open(fileobj=buffer, mode="a") as archive:
        for kind, name in (
            (tarfile.SYMTYPE, "b"),
            (tarfile.LNKTYPE, "c"),
            (tarfile.CHRTYPE, "d"),
            (tarfile.DIRTYPE, "e"),
        ):
            about = tarfile.TarInfo(name)
            about.type, about.linkname = kind, "/etc/passwd"
            archive.addfile(about)
    assert read(tmp_path, buffer.getvalue())[1] == {"x.bin/a": "Um texto."}


ZEROS = b"a" + b" " * (30 << 20)


@pytest.mark.parametrize(
    "data",
    [
        packed({f"{n}.txt": ZEROS for n in range(4)}),
        packed({f"{n}.zip": packed({"a.txt": ZEROS}) for n in range(4)}),
        gzip.compress(tarred({f"{n}.txt": ZEROS for n in range(4)}), 9, mtime=0),
    ],
    ids=["zip", "zips in zip", "tar.gz"],
)
def test_bombs_are_refused(data: bytes, tmp_path: Path) -> None:
    """All members count together, those of archives in archives too; nothing of it is kept."""
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(SourceError, match="expands"):
        ingest([tmp_path / "x.zip"], tmp_path / "corpus", "pt", limits=Limits(record=32 << 20))


def test_a_bomb_among_the_members_costs_itself(tmp_path: Path) -> None:
    """A compressed member may grow by what is left for all; then it is named, and the others are kept."""
    members = {f"{n}.txt.gz": gzip.compress(ZEROS) for n in range(4)}
    (tmp_path / "x.zip").write_bytes(packed({**members, "a.txt": "Um texto."}))
    limits = Limits(record=32 << 20, ratio=2_000, total=64 << 20)
    summary = ingest([tmp_path / "x.zip"], tmp_path / "corpus", "pt", limits=limits)
    assert sum("expands beyond the limit" in warning for warning in summary.warnings) == 2
    assert summary.sources[0].kept == 3
    summary = ingest([tmp_path / "x.zip"], tmp_path / "by ratio", "pt", limits=Limits(record=32 << 20))
    assert sum("expands more than 200 times" in warning for warning in summary.warnings) == 4
    assert summary.sources[0].kept == 1


def test_archives_in_archives_end(tmp_path: Path) -> None:
    """At three, the fourth is named."""
    data = packed({"a.txt": "Um texto."})
    for depth in range(3):
        data = packed({f"{depth}.zip": data, f"{depth}.txt": f"O texto {depth}."})
    summary, found = read(tmp_path, data)
    assert set(found.values()) == {"O texto 0.", "O texto 1.", "O texto 2."}
    assert "0.zip: an archive in 3 others; not read" in " ".join(summary.warnings)


def test_members_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond the limit is not read, and that is said."""
    monkeypatch.setattr("sprachbund.corpus.sources.archives.MEMBERS", 2)
    summary, found = read(tmp_path, packed({f"{n}.txt": f"O texto {n}." for n in range(4)}))
    assert list(found.values()) == ["O texto 0.", "O texto 1."]
    assert any("more than 2 members" in warning for warning in summary.warnings)


def test_a_list_of_members_without_end_is_refused(tmp_path: Path) -> None:
    """By its size, before it is read."""
    data = bytearray(packed({"a.txt": "Um texto."}))
    place = data.rfind(b"PK\x05\x06")
    data[place + 12 : place + 16] = (1 << 30).to_bytes(4, "little")
    (tmp_path / "x.zip").write_bytes(bytes(data))
    with pytest.raises(SourceError, match="its list of members would have 1,073,741,824 bytes"):
        ingest([tmp_path / "x.zip"], tmp_path / "corpus", "pt")


def test_headers_of_tar_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of gigabytes is not held."""
    monkeypatch.setattr("sprachbund.corpus.sources.archives.HEADERS", 1 << 16)
    summary, found = read(tmp_path, tarred({"a.txt": "Um texto.", "b" * (1 << 18): "Outro."}))
    assert found == {"x.bin/a": "Um texto."}
    assert "more than 65,536 bytes between two members" in " ".join(summary.warnings)


def test_a_list_with_several_processes(tmp_path: Path) -> None:
    """Records of members go to other processes as any others do."""
    summary, found = read(tmp_path, packed(MEMBERS), workers=2)
    assert found == EXPECTED and summary.sources[0].kept == 8
