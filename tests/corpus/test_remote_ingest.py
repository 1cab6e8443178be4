"""A source named on the network becomes the corpus that its file would have become, and is fetched once."""

import hashlib
import json
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from mirror import DAY, Fault, Mirror, dump, mirror
from sprachbund.corpus.ingest import IngestSummary, ingest
from sprachbund.corpus.remote import fetch as fetching
from sprachbund.corpus.remote.settings import Remote
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CapacityError, SourceError


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """An empty server, which the environment names."""
    with mirror() as made:
        monkeypatch.setenv("SPRACHBUND_WIKIPEDIA_BASE", made.base)
        monkeypatch.setenv("SPRACHBUND_HF_BASE", made.base)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield made


def same(one: Path, other: Path) -> None:
    """The two corpora have the same rows."""
    first, second = Corpus.open(one), Corpus.open(other)
    assert first.counts == second.counts and first.languages
    for lang in first.languages:
        assert first.read(lang).equals(second.read(lang))
        assert first.documents(lang).equals(second.documents(lang))


def locally(data: bytes, folder: Path, lang: str | None = None, name: str = "file") -> Path:
    """The corpus of a file that is here."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    ingest([folder / name], folder / "corpus", lang)
    return folder / "corpus"


def files_got(site: Mirror, path: str) -> int:
    """How often the file itself was asked for."""
    return len(site.gets(path))


def test_a_dump_by_its_name_is_the_dump_from_a_file(site: Mirror, tmp_path: Path) -> None:
    """The rows, the counts, and in the manifest where it is from; a local source has no such fields."""
    data = dump("bn")
    path = site.publish_dump("bn", data)
    site.faults[path] = [Fault(cut=len(data) // 2)]
    (summary,) = ingest(["wikipedia:bn"], tmp_path / "c", remote=fast(site)).sources
    assert site.ranges(path) == [None, f"bytes={len(data) // 2}-"]
    same(tmp_path / "c", locally(data, tmp_path / "local"))
    (entry,) = Corpus.open(tmp_path / "c").sources
    name = f"bnwiki-{DAY}-pages-articles.xml.bz2"
    assert entry["name"] == summary.name == f"wikipedia:bn/{DAY}/{name}"
    assert entry["url"] == f"{site.base}/bnwiki/{DAY}/{name}"
    assert entry["checksum"] == f"sha1:{hashlib.sha1(data).hexdigest()}"
    assert entry["sha256"] == hashlib.sha256(data).hexdigest()
    assert entry["languages"] == {"bn": 120} and entry["warnings"] == []
    assert (tmp_path / "c.downloads" / "wikipedia" / name).read_bytes() == data
    (local,) = Corpus.open(tmp_path / "local" / "corpus").sources
    assert set(entry) - set(local) == {"url", "checksum"}


def fast(site: Mirror, **more: object) -> Remote:
    return Remote(site.base, site.base, timeout=10, pause=0, **more)  # type: ignore[arg-type]


def test_what_the_corpus_has_is_not_fetched_again(site: Mirror, tmp_path: Path) -> None:
    """Neither with the download nor without it, nor under the name of a date; another dump is added."""
    path = site.publish_dump("bn", dump("bn"))
    ingest(["wikipedia:bn"], tmp_path / "c")
    before = (tmp_path / "c" / "corpus.json").read_bytes()
    (tmp_path / "c.downloads" / "wikipedia" / path.rpartition("/")[2]).unlink()
    for name in ("wikipedia:bn", f"wikipedia:bn/{DAY}"):
        (summary,) = ingest([name], tmp_path / "c").sources
        assert summary.skipped and summary.kept == 120
    assert files_got(site, path) == 1
    assert (tmp_path / "c" / "corpus.json").read_bytes() == before
    site.publish_dump("bn", dump("bn", 5, seed=1), "20240601")
    found = ingest(["wikipedia:bn"], tmp_path / "c").sources
    assert [(source.name[:21], source.skipped) for source in found] == [("wikipedia:bn/20240601", False)]
    assert len(Corpus.open(tmp_path / "c").sources) == 2


def test_a_file_that_is_here_already_is_known_by_its_bytes(site: Mirror, tmp_path: Path) -> None:
    """Ingested from a file before: fetched, found to be the same, skipped."""
    data = dump("bn")
    site.publish_dump("bn", data)
    corpus = locally(data, tmp_path / "local")
    (summary,) = ingest(["wikipedia:bn"], corpus).sources
    assert summary.skipped and len(Corpus.open(corpus).sources) == 1


def test_the_language_is_that_of_the_name(site: Mirror, tmp_path: Path) -> None:
    """Whatever the dump's header says, with a warning; --lang wins over both."""
    site.publish_dump("bn", dump("en", 20))
    summary = ingest(["wikipedia:bn"], tmp_path / "c")
    assert summary.sources[0].languages == {"bn": 20}
    assert "the source says its language is en (20 documents)" in summary.warnings[0]
    assert ingest(["wikipedia:bn"], tmp_path / "d", language="hi").sources[0].languages == {"hi": 20}


def test_a_data_set_of_the_hub(site: Mirror, tmp_path: Path) -> None:
    """Two files of Parquet, in the order of their paths; the language stands in the name of the folder."""
    texts = [
        f"Satz {number} ist lang genug, um ein Absatz zu sein. Noch ein Satz folgt ihm nach." for number in range(60)
    ]
    parts = {}
    for number in range(2):
        rows = {"id": [str(i) for i in range(60)], "title": ["T"] * 60, "text": [f"{number} {text}" for text in texts]}
        frame = pl.DataFrame(rows | {"url": [""] * 60})
        frame.write_parquet(tmp_path / "made.parquet")
        parts[f"train-0000{number}-of-00002.parquet"] = (tmp_path / "made.parquet").read_bytes()
    paths = site.publish_set("wikimedia/wikipedia/20231101.als", parts)
    site.faults[paths[1]] = [Fault(cut=500)]
    summary = ingest(["hf:wikimedia/wikipedia/20231101.als"], tmp_path / "c", remote=fast(site))
    assert [source.languages for source in summary.sources] == [{"als": 60}, {"als": 60}]
    assert [source["url"] for source in Corpus.open(tmp_path / "c").sources] == [site.base + path for path in paths]
    assert site.ranges(paths[1]) == [None, "bytes=500-"]
    folder = tmp_path / "local"
    folder.mkdir()
    for name, data in parts.items():
        (folder / name).write_bytes(data)
    ingest([folder], tmp_path / "d", language="als")
    same(tmp_path / "c", tmp_path / "d")


def test_a_small_file_of_a_data_set_has_gits_checksum(site: Mirror, tmp_path: Path) -> None:
    """JSON Lines outside of LFS, whose rows say their language; a wrong byte is found out."""
    row = {"id": "1", "lang": "pt", "title": "T", "sections": [{"title": "", "paragraphs": ["Um texto. Outro texto."]}]}
    data = (json.dumps(row) + "\n").encode()
    (path,) = site.publish_set("o/n/data", {"x.jsonl": data}, small=("x.jsonl",))
    assert ingest(["hf:o/n/data"], tmp_path / "c").counts["pt"]["documents"] == 1
    site.files[path] = data.replace(b"Outro", b"Outra")
    with pytest.raises(SourceError, match="expected the git checksum"):
        ingest(["hf:o/n/data"], tmp_path / "d")


def test_a_file_of_that_very_name_is_read_and_nothing_is_fetched(
    site: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is a path first; and an address or another word is no source."""
    monkeypatch.chdir(tmp_path)
    Path("wikipedia:bn").write_bytes(dump("de", 3))
    assert ingest(["wikipedia:bn"], "c").sources[0].languages == {"de": 3}
    for name in (f"{site.base}/bnwiki/", "Wikipedia:bn", "wikipedia", "hf"):
        with pytest.raises(SourceError, match="expected a file or folder to read, found nothing there"):
            ingest([name], "c")
    assert site.requests == []


def test_space_is_looked_at_before_anything_is_fetched(
    site: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message has what is needed; with room the same call works, in the folder that is named."""
    path = site.publish_dump("bn", dump("bn", 10))
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda path: usage(1 << 40, 0, 1_000))
    with pytest.raises(CapacityError, match=r"are needed for what is to be fetched, 1,000 are free"):
        ingest(["wikipedia:bn"], tmp_path / "c")
    assert files_got(site, path) == 0
    monkeypatch.undo()
    ingest(["wikipedia:bn"], tmp_path / "c", remote=fast(site, downloads=tmp_path / "elsewhere"))
    assert (tmp_path / "elsewhere" / "wikipedia" / path.rpartition("/")[2]).exists()
    assert not (tmp_path / "c.downloads").exists()


def test_what_was_complete_before_a_failure_stays(site: Mirror, tmp_path: Path) -> None:
    """The second of two dumps fails: the corpus has the first, and the same call adds the second."""
    site.publish_dump("bn", dump("bn", 10))
    broken = site.publish_dump("hi", dump("hi", 10))
    site.faults[broken] = [Fault(cut=500), Fault(cut=0), Fault(cut=0)]
    with pytest.raises(SourceError, match="3 times in a row"):
        ingest(["wikipedia:bn", "wikipedia:hi"], tmp_path / "c", remote=fast(site))
    assert Corpus.open(tmp_path / "c").languages == ("bn",)
    summary = ingest(["wikipedia:bn", "wikipedia:hi"], tmp_path / "c")
    assert [source.skipped for source in summary.sources] == [True, False]
    assert site.ranges(broken)[-1] == "bytes=500-"
    assert Corpus.open(tmp_path / "c").languages == ("bn", "hi")


def test_the_progress_is_told_what_is_fetched_and_what_is_read(site: Mirror, tmp_path: Path) -> None:
    """All in all twice the bytes of the file, whether it is fetched, there already, or skipped."""

    class Told:
        total = 0.0

        def advance(self, amount: float = 1) -> None:
            self.total += amount

        def describe(self, text: str) -> None:
            pass

    path = site.publish_dump("bn", dump("bn", 30))
    size = len(site.files[path])
    site.faults[path] = [Fault(cut=2_000), Fault(whole=True)]
    for out in ("c", "c"):
        told = Told()
        ingest(["wikipedia:bn"], tmp_path / out, progress=told, remote=fast(site))
        assert told.total == 2 * size


REAL = {
    "bg": "bgwiki-latest-pages-articles-shortened.xml.bz2",
    "en": "wikipedia2vec-enwiki-sample.xml.bz2",
    "fo": "macbre-fowiki-dump.xml.bz2",
    "bn": "minidumps/bn.xml.bz2",
}


@pytest.mark.parametrize("lang", REAL)
def test_real_dumps_in_the_layout_of_the_dump_site(shared_data: Path, site: Mirror, tmp_path: Path, lang: str) -> None:
    """Cut twice on their way, they are the corpora of their files."""
    source = shared_data / "wikidumps_raw" / REAL[lang]
    if not source.exists():
        pytest.skip(f"no real dump at {source}")
    data = source.read_bytes()
    path = site.publish_dump(lang, data)
    site.faults[path] = [Fault(cut=len(data) // 3), Fault(stall=len(data) // 3)]
    settings = Remote(site.base, timeout=0.5, pause=0)
    made: IngestSummary = ingest([f"wikipedia:{lang}"], tmp_path / "c", remote=settings)
    third = len(data) // 3
    assert site.ranges(path) == [None, f"bytes={third}-", f"bytes={2 * third}-"]
    assert made.sources[0].languages == {lang: made.sources[0].kept} and made.sources[0].kept > 0
    ingest([source], tmp_path / "d", language=lang)
    same(tmp_path / "c", tmp_path / "d")
