"""Ingest: the same corpus whatever the workers, the kills and the state of the input; all is counted."""

import gzip
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.sources.streams import Limits
from sprachbund.corpus.store import Corpus
from sprachbund.errors import FolderError, LanguageError, SettingsError, SourceError

NUMBERS = ("eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht")


def document(number: int, lang: str = "de", text: str | None = None, **more: object) -> dict[str, object]:
    text = text or f"Text {number} hat {NUMBERS[number % 8]}. Er geht {number * 7} Schritte weit."
    return {
        "id": str(number),
        "lang": lang,
        "title": "T",
        "sections": [{"title": "", "paragraphs": [text]}],
        **more,
    }


def write(path: Path, *documents: dict[str, object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in documents)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def folder_of(tmp_path: Path, files: int = 6, each: int = 700) -> Path:
    """Files of two languages each, so that every source writes two folders."""
    folder = tmp_path / "sources"
    for number in range(files):
        documents = [document(number * each + i, "de" if i % 3 else "nl") for i in range(each)]
        write(folder / f"{number}.jsonl.gz", *documents)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_corpus_does_not_depend_on_the_workers(tmp_path: Path) -> None:
    """One process, three processes, or parts cut small by the memory: the same bytes, or the same rows."""
    folder = folder_of(tmp_path, files=2, each=1_500)
    alone = ingest([folder], tmp_path / "alone", workers=1)
    several = ingest([folder], tmp_path / "several", workers=3)
    assert alone == several
    assert contents(tmp_path / "alone") == contents(tmp_path / "several")
    assert alone.counts["nl"]["documents"] == 1_000
    assert alone.counts["de"]["sentences"] == 4_000


def test_parts_are_cut_when_memory_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that does not fit the memory is several files, which read as one."""
    from sprachbund.corpus import store

    folder = folder_of(tmp_path, files=1, each=900)
    ingest([folder], tmp_path / "whole")
    monkeypatch.setattr(store, "ROW_BYTES", 1 << 16)
    ingest([folder], tmp_path / "parts", memory=256 << 20)
    whole, parts = Corpus.open(tmp_path / "whole"), Corpus.open(tmp_path / "parts")
    assert len(list((tmp_path / "parts" / "de").glob("*.parquet"))) > 1
    assert parts.read("de").equals(whole.read("de"))
    assert parts.documents("nl").equals(whole.documents("nl"))


def test_adding_skips_what_is_there(tmp_path: Path) -> None:
    """A source that the corpus has is skipped under any name; a new one is added after it."""
    first = write(tmp_path / "a.gz", document(1))
    ingest([first], tmp_path / "c")
    before = contents(tmp_path / "c")
    copy = tmp_path / "renamed"
    copy.write_bytes(first.read_bytes())
    summary = ingest([copy], tmp_path / "c")
    assert [(source.name, source.skipped) for source in summary.sources] == [("renamed", True)]
    assert contents(tmp_path / "c") == before
    ingest([write(tmp_path / "b.gz", document(2))], tmp_path / "c")
    corpus = Corpus.open(tmp_path / "c")
    assert corpus.documents("de")["document"].to_list() == ["1", "2"]
    assert [source["name"] for source in corpus.sources] == ["a.gz", "b.gz"]


def test_the_same_id_twice(tmp_path: Path) -> None:
    """The same text again is dropped; another text is a document of its own in the group of the first."""
    ingest([write(tmp_path / "a.gz", document(1, group="g"), document(2))], tmp_path / "c")
    again = write(
        tmp_path / "b.gz",
        document(1),
        document(1, text="Ganz anderes steht hier."),
        document(1, text="Noch anderes steht hier."),
        document(1, text="Ganz anderes steht hier."),
        document(1, lang="nl"),
    )
    source = ingest([again], tmp_path / "c").sources[0]
    assert source.dropped == {"duplicate id with the same text": 2}
    assert source.kept + sum(source.dropped.values()) == source.read == 5
    frame = Corpus.open(tmp_path / "c").documents("de")
    assert frame.select("document", "group").rows() == [("1", "g"), ("2", "2"), ("1#2", "g"), ("1#3", "g")]
    assert Corpus.open(tmp_path / "c").documents("nl").select("document", "group").rows() == [("1", "1")]


def test_what_is_left_out_is_counted_and_told(tmp_path: Path) -> None:
    """Unknown languages, broken lines, documents without sentences: each reason, its count, its warning."""
    path = tmp_path / "a.jsonl"
    good = "".join(json.dumps(value) + "\n" for value in (document(1), document(2, lang="xx"), document(3, lang="xx")))
    empty = json.dumps(document(4, text=" ")) + "\n" + json.dumps(document(5, text="... !!!")) + "\n"
    no_language = json.dumps({**document(6, text="Ok 1."), "lang": None}) + "\n"
    path.write_text(good + "{broken\n" + empty + no_language + '{"id": 1}\n')
    source = ingest([path], tmp_path / "c").sources[0]
    assert (source.read, source.kept) == (8, 2)
    assert source.dropped == {
        "broken JSON": 1,
        "empty": 1,
        "no sentences": 1,
        "not of this format": 1,
        "unknown language": 2,
    }
    told = "\n".join(source.warnings)
    assert "unknown language code 'xx': 2 records skipped; the nearest are" in told
    assert "broken JSON: 1 records skipped (line 4:" in told
    assert "language unknown: 1 documents do not say theirs" in told and told.count("(6)") == 1
    assert Corpus.open(tmp_path / "c").sources[0]["warnings"] == source.warnings


def test_a_wrong_lang_is_an_error_with_the_nearest(tmp_path: Path) -> None:
    """Nothing is written for a language that nobody knows."""
    with pytest.raises(LanguageError, match=r"'ukk-' is no language code .* the nearest are uk, "):
        ingest([write(tmp_path / "a.gz", document(1))], tmp_path / "c", language="ukk-")
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("data", [b"", gzip.compress(b"\n \n", mtime=0)])
def test_an_empty_file_is_a_warning_and_strictly_an_error(data: bytes, tmp_path: Path) -> None:
    """An empty source is in the manifest with a warning; under strict it ends the ingest."""
    path = tmp_path / "empty.xml"
    path.write_bytes(data)
    summary = ingest([path, write(tmp_path / "a.gz", document(1))], tmp_path / "c")
    assert summary.warnings == ("empty.xml: empty: there is no text in the file",)
    assert Corpus.open(tmp_path / "c").sources[0]["read"] == 0
    with pytest.raises(SourceError, match=r"empty\.xml: empty: .*--strict"):
        ingest([path], tmp_path / "strict", strict=True)


def test_a_file_of_no_format_ends_the_ingest_only_if_it_was_named(tmp_path: Path) -> None:
    """In a folder it is a warning and the rest is read; named, or under strict, it is an error."""
    folder = folder_of(tmp_path, files=1, each=3)
    bad = folder / "0.bz2"
    bad.write_bytes(b'[{"id": ')
    summary = ingest([folder], tmp_path / "c")
    assert [(source.format, source.kept) for source in summary.sources] == [
        ("unreadable", 0),
        ("sections-jsonl", 3),
    ]
    assert summary.warnings[0].startswith("0.bz2: broken JSON")
    with pytest.raises(SourceError, match="broken JSON"):
        ingest([bad], tmp_path / "d")
    with pytest.raises(SourceError, match="broken JSON"):
        ingest([folder], tmp_path / "e", strict=True)


def test_a_source_that_gave_nothing_is_read_again(tmp_path: Path) -> None:
    """A language that nobody knows is a warning; with --lang the same folder gives its text, in its place."""
    folder = tmp_path / "texts"
    write(folder / "b.gz", document(1))
    write(folder / "a.gz", {**document(1, lang="xx"), "id": "a"})
    first = ingest([folder], tmp_path / "c")
    assert first.warnings[0].startswith("a.gz: unknown language code 'xx': 1 records skipped")
    second = ingest([folder], tmp_path / "c", language="de")
    assert [(source.name, source.kept, source.skipped) for source in second.sources] == [
        ("a.gz", 1, False),
        ("b.gz", 1, True),
    ]
    corpus = Corpus.open(tmp_path / "c")
    assert corpus.documents("de")["document"].to_list() == ["a", "1"]
    assert [source["name"] for source in corpus.sources] == ["a.gz", "b.gz"]


def test_the_corpus_is_not_read_into_itself(tmp_path: Path) -> None:
    """Where the corpus lies in the folder of its sources, a second run finds nothing new."""
    folder = folder_of(tmp_path, files=2, each=4)
    first = ingest([folder], folder / "corpus")
    second = ingest([folder], folder / "corpus")
    assert [source.name for source in second.sources] == ["0.jsonl.gz", "1.jsonl.gz"]
    assert second.counts == first.counts


def test_truncated_lines_are_kept_up_to_the_cut(tmp_path: Path) -> None:
    """A gzip file that is cut gives its whole lines; the half line is no document."""
    whole = write(tmp_path / "a.gz", *(document(number) for number in range(5_000))).read_bytes()
    path = tmp_path / "cut.gz"
    path.write_bytes(whole[: len(whole) // 2])
    source = ingest([path], tmp_path / "c").sources[0]
    assert 1_000 < source.kept < 4_000
    assert source.dropped == {}
    assert f"{source.kept:,} whole lines kept" in source.warnings[0]
    assert source.warnings[0].startswith("truncated: ")


def test_a_bomb_and_an_endless_line(tmp_path: Path) -> None:
    """An archive that expands too far is refused; a line beyond the limit is dropped and the next is read."""
    bomb = tmp_path / "bomb.gz"
    start = json.dumps(document(1)).encode() + b"\n"
    bomb.write_bytes(gzip.compress(start + b" " * (150 << 20)))
    with pytest.raises(SourceError, match="expands more than 100 times"):
        ingest([bomb], tmp_path / "c", limits=Limits(ratio=100))
    path = write(tmp_path / "long.gz", document(1), document(2, text="Lang. " * 100_000), document(3))
    source = ingest([path], tmp_path / "d", limits=Limits(record=300_000)).sources[0]
    assert (source.kept, source.dropped) == (2, {"longer than the record limit": 1})
    assert "longer than the record limit: 1 records skipped (line 2)" in source.warnings


def test_foreign_folders_are_refused(tmp_path: Path) -> None:
    """A folder with something else, a stranger in a corpus, a file for a folder: all stay as they are."""
    source = write(tmp_path / "a.gz", document(1))
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("x")
    with pytest.raises(FolderError, match="already holds something else"):
        ingest([source], other)
    ingest([source], tmp_path / "c")
    (tmp_path / "c" / "notes.txt").write_text("x")
    with pytest.raises(FolderError, match=r"notes\.txt: a foreign file"):
        ingest([source], tmp_path / "c")
    assert (tmp_path / "c" / "notes.txt").exists()
    with pytest.raises(FolderError, match="is a file; name a folder to write"):
        ingest([source], source)


def test_settings_and_sources_are_checked(tmp_path: Path) -> None:
    """Too little memory, no workers, nothing to read."""
    source = write(tmp_path / "a.gz", document(1))
    with pytest.raises(SettingsError, match="at least 256 MiB"):
        ingest([source], tmp_path / "c", memory=1 << 20)
    with pytest.raises(SettingsError, match="workers must be 1 or more"):
        ingest([source], tmp_path / "c", workers=0)
    with pytest.raises(SourceError, match="found nothing there"):
        ingest([tmp_path / "absent"], tmp_path / "c")
    (tmp_path / "hollow").mkdir()
    with pytest.raises(SourceError, match="found an empty folder"):
        ingest([tmp_path / "hollow"], tmp_path / "c")


def script(folder: Path, out: Path, before: str = "") -> list[str]:
    code = f"""
        import os, signal
        from sprachbund import files
        from sprachbund.corpus import store
        from sprachbund.corpus.ingest import ingest
        {before}
        if __name__ == "__main__":
            ingest([{str(folder)!r}], {str(out)!r}, workers=2)
    """
    path = out.parent / f"{out.name}.py"
    path.write_text(textwrap.dedent(code).replace("\n" + " " * 8, "\n"))
    return [sys.executable, str(path)]


def test_sigkill_at_any_moment_and_the_same_command_again(tmp_path: Path) -> None:
    """The process group is killed at five moments; the second run gives the corpus of an undisturbed one."""
    folder = folder_of(tmp_path)
    ingest([folder], tmp_path / "whole")
    expected = contents(tmp_path / "whole")
    killed = 0
    for finished in range(5):
        out = tmp_path / f"killed{finished}"
        process = subprocess.Popen(script(folder, out), start_new_session=True)
        wait_for(out, finished, process)
        os.killpg(process.pid, signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        ingest([folder], out)
        assert contents(out) == expected
    assert killed > 0


def wait_for(out: Path, sources: int, process: subprocess.Popen[bytes]) -> None:
    """Until the manifest lists ``sources`` sources, or the process has ended."""
    while process.poll() is None:
        try:
            if len(json.loads((out / "corpus.json").read_text())["sources"]) >= sources:
                return
        except (FileNotFoundError, ValueError):
            pass
        time.sleep(0.001)


@pytest.mark.parametrize("moment", ["files in place, manifest not", "parts written", "before anything"])
def test_sigkill_at_the_worst_moments(moment: str, tmp_path: Path) -> None:
    """Dying before the manifest, before the move, or at the first write of all loses nothing."""
    folder = folder_of(tmp_path, files=3, each=20)
    ingest([folder], tmp_path / "whole")
    patch = {
        "files in place, manifest not": ("files", "write_json", 3),
        "parts written": ("files", "sha256_file", 3),
        "before anything": ("files", "write_json", 1),
    }[moment]
    module, name, call = patch
    before = "\n        ".join(
        (
            f"calls, real = [], {module}.{name}",
            "def dying(*arguments):",
            "    calls.append(1)",
            f"    if len(calls) == {call}: os.kill(os.getpid(), signal.SIGKILL)",
            "    return real(*arguments)",
            f"{module}.{name} = dying",
        )
    )
    out = tmp_path / "killed"
    assert subprocess.run(script(folder, out, before), check=False).returncode == -signal.SIGKILL
    assert contents(out) != contents(tmp_path / "whole")
    ingest([folder], out)
    assert contents(out) == contents(tmp_path / "whole")
