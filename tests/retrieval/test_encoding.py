"""A corpus encoded in parts is the corpus encoded at once; what is done is not done again, whoever does it."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_encoded import check
from tiny import SETTINGS, TINY, Document

from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CapacityError, FolderError
from sprachbund.progress import Silent
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus, partial_of
from sprachbund.retrieval.encoder.encoding import disk, work
from sprachbund.retrieval.encoder.reuse import Asked, encode_once
from sprachbund.retrieval.settings import change

PLANTED: list[Document] = [
    ("pt", "pt-mais", None, [["Um texto sem modelo nenhum.", "A poeta nasceu em 1977.", "Fim."]]),
    ("tr", "tr-1", None, [["Kalem masada duruyor.", "Deniz bugün çok mavi."]]),
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The tiny corpus in five files, of which Portuguese has four."""
    folder = tmp_path_factory.mktemp("parts")
    documents, sources = [*TINY, *PLANTED], []
    for number in range(5):
        sources.append(folder / f"source-{number}.jsonl")
        rows = [
            {
                "id": name, "lang": language, "title": name, **({"group": group} if group else {}),
                "sections": [{"title": "", "sentences": [sentences]} for sentences in sections],
            }
            for language, name, group, sections in documents[number * 4 : number * 4 + 4]
        ]  # fmt: skip
        sources[-1].write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ingest(sources, folder / "corpus", workers=1)
    found = Corpus.open(folder / "corpus")
    assert len(found.part_names("pt")) == 3
    return found


def encode(corpus: Corpus, out: Path, **changes: Any) -> EncodedCorpus:
    """All languages but the one that has a single document."""
    options: dict[str, Any] = {"settings": SETTINGS, "languages": ["pt", "gl", "es"], **changes}
    return encode_corpus(corpus, out, **options)


def written(folder: Path) -> dict[str, bytes]:
    """Every file."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_in_parts_and_at_once(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes in every file, also where keys meet in many ranges; and they are those of plain Python."""
    settings = change(SETTINGS, min_count=2)
    whole = encode(corpus, tmp_path / "whole", settings=settings)
    monkeypatch.setattr(work, "PART_BYTES", 0)
    monkeypatch.setattr(disk, "AT_A_TIME", 300)
    parts = encode(corpus, tmp_path / "parts", settings=settings)
    assert written(whole.path) == written(parts.path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parts", "whole"]
    check(parts, [*TINY, *PLANTED], (4, 5))
    assert parts.language("pt").templates.sum() >= 1


def test_by_processes(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is much text; the same bytes."""
    whole = encode(corpus, tmp_path / "whole")
    monkeypatch.setattr(work, "SMALL", 0)
    assert written(whole.path) == written(encode(corpus, tmp_path / "processes", workers=1).path)


def test_what_is_done_is_not_done_again(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a kill nothing is counted, and only parts that are not complete are encoded; one that is damaged too."""
    whole = encode(corpus, tmp_path / "whole")
    monkeypatch.setattr(work, "PART_BYTES", 0)
    real: Callable[..., int] = work.encode_part
    done: list[str] = []

    def until_killed(part: Any, *arguments: Any) -> int:
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(f"{part.language} {part.first}")
        return real(part, *arguments)

    monkeypatch.setattr(work, "encode_part", until_killed)
    with pytest.raises(KeyboardInterrupt):
        encode(corpus, tmp_path / "killed")
    assert not (tmp_path / "killed").exists()
    partial = partial_of(tmp_path / "killed")
    with pytest.raises(FolderError, match=r"killed\.partial: holds an encoding that differs in bigrams; finish it"):
        encode(corpus, tmp_path / "killed", bigrams=False)
    damaged = sorted(partial.glob("*/words.npy"))[0]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    before = list(done)

    def noted(part: Any, *arguments: Any) -> int:
        done.append(f"{part.language} {part.first}")
        return real(part, *arguments)

    monkeypatch.setattr(work, "encode_part", noted)
    monkeypatch.setattr("sprachbund.retrieval.encoder.encoding.beginning.Vocabulary.count", None)
    again = encode(corpus, tmp_path / "killed")
    documents = sum(len(again.language(code).names) for code in again.languages)
    assert len(done) == documents + 1 and len(set(done[4:]) & set(before)) == 1
    assert written(whole.path) == written(again.path)
    assert not partial.exists()


def test_killed_while_it_is_withdrawn(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All is complete but for what was made on the way, half gone already: who finds it whole clears up."""
    asked = Asked(("gl", "pt"), SETTINGS, bigrams=True, characters=(4, 5), cut=True)

    def once() -> EncodedCorpus:
        return encode_once(corpus, tmp_path / "encoded", asked, None, lambda *_: nullcontext(Silent()))

    def killed(part: Path) -> None:
        part.rename(part.with_name(f".sprachbund-{0:016}.tmp"))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("sprachbund.runs.unfinished.discard", killed)
        once()
    assert list(partial_of(tmp_path / "encoded").glob(".sprachbund-*.tmp"))
    before = written(tmp_path / "encoded")
    assert written(once().path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["encoded"]


def test_where_nothing_is_complete_nothing_is_left(corpus: Corpus, tmp_path: Path) -> None:
    """So that the corrected call finds its place free."""
    with pytest.raises(CapacityError, match="counting needs"):
        encode(corpus, tmp_path / "encoded", memory=1)
    assert not list(tmp_path.iterdir())


def test_a_disk_without_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is written to mapped pages, which would end the process."""

    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(CapacityError, match=r"counts\.npy: the disk is full: 80 bytes are needed"):
        disk.empty_array(tmp_path, "counts", np.int64, 10)


def test_arrays_in_pieces_are_those_of_numpy(tmp_path: Path) -> None:
    """To the byte."""
    array = np.arange(10, dtype=np.int32)
    disk.save_pieces(tmp_path, "pieces", np.int32, 10, (array[:3], array[3:]))
    disk.save(tmp_path, "whole", array)
    disk.empty_array(tmp_path, "filled", np.int32, 10)[:] = array
    files = [(tmp_path / f"{name}.npy").read_bytes() for name in ("pieces", "whole", "filled")]
    assert files[0] == files[1] == files[2]
    assert disk.read(tmp_path, "whole").tolist() == array.tolist()


def test_ranges_of_keys() -> None:
    """Every key is in one, and they are of about one size."""
    keys = np.sort(np.random.default_rng(0).integers(0, 1 << 63, 1000, dtype=np.uint64) * np.uint64(2))
    edges = disk.edges_for(3 * disk.AT_A_TIME)
    bounds = disk.bounds_of(keys, edges)
    assert len(bounds) == 3 and bounds[0][0] == 0 and bounds[-1][1] == 1000
    assert all(250 < high - low < 420 for low, high in bounds)
    assert disk.bounds_of(keys, disk.edges_for(0)) == [(0, 1000)]
