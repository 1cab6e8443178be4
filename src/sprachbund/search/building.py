"""Making an index, adding to it, deleting from it, merging its segments.

A change collects what is new in folders of its own, which no manifest names, and becomes visible with one rename of
the manifest. Killed at any moment it leaves the index as it was; the next change removes what was left behind. One
process writes at a time; any number read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sprachbund.claims import workspace
from sprachbund.corpus.store import Corpus
from sprachbund.disk import room_for
from sprachbund.errors import CorpusError, FolderError, SettingsError
from sprachbund.files import content_hash, package_version
from sprachbund.languages import among, one_of
from sprachbund.machine import memory_limit
from sprachbund.progress import Progress, Silent, logger
from sprachbund.retrieval.encoder.encoder import Encoder, file_hashes
from sprachbund.retrieval.encoder.short_rows import LONG, require_bits
from sprachbund.search.atlas import write_atlas
from sprachbund.search.dense import choose, load_faiss
from sprachbund.search.folder import (
    ROMAN,
    SEGMENTS,
    is_free,
    link_model,
    locked,
    require_ours,
    sweep,
    through_links,
    write_manifest,
)
from sprachbund.search.forms import DEFAULT, check_folds
from sprachbund.search.fusion import Fusion, default_fusion
from sprachbund.search.index import FORMAT, KIND, Index
from sprachbund.search.kindred import learn_pairs
from sprachbund.search.passages import Document, documents_of
from sprachbund.search.records import DocumentRecord
from sprachbund.search.roman import write_roman
from sprachbund.search.roots import Root
from sprachbund.search.segment import Segment, open_segment
from sprachbund.search.stored import stored, take_out
from sprachbund.search.tally import Change, Tally
from sprachbund.search.writing import SegmentWriter

BATCH = 20_000
"""Sentences that are taken at a time."""
LEAST_MEMORY = 256 << 20
MOST_SENTENCES = 10_000
"""Of a passage: what surrounds it is counted in passages."""
NEW = 0.1
"""The share of passages that may be added before words and map are drawn anew."""
_PASSAGE = 6_000
"""Bytes of memory a passage takes while its segment is made, besides its vector."""


@dataclass(frozen=True)
class IndexSettings:
    """How an index is made; kept in it.

    Attributes:
        sentences: a passage at most. dense: ``auto``, ``flat``, ``ivf`` or ``hnsw``, see `dense`.
        atlas: n-grams and a map to look around from. map_points: of the map; 0 for none.
        memory: bytes that may be used, about; 0 for a quarter of what there is, at most 2 GiB.
        folds: what is found without: ``marks`` (accents and their like), ``chinese`` (traditional characters by
            simplified ones); see `forms`. Empty: words are found as they are written alone.
        bits: of a number of the encoder's rows: 32 as it was trained, 16 or 8 for less on disk, see `short_rows`.
        neighbours: whether an index of several languages has their text romanised as well, and the cognates of its
            pairs: what a query needs to find text in a language that spells alike, see `roman` and `kindred`.
    """

    sentences: int = 5
    dense: str = "auto"
    map_points: int = 4_000
    memory: int = 0
    folds: tuple[str, ...] = DEFAULT
    bits: int = LONG
    neighbours: bool = True

    def check(self) -> None:
        """See that an index can be made so.

        Raises:
            SettingsError: it cannot; the message has the setting.
        """
        choose(0, self.dense)
        if not 1 <= self.sentences <= MOST_SENTENCES or self.map_points < 0:
            raise SettingsError(
                f"a passage has at least 1 sentence and at most {MOST_SENTENCES:,}, and a map at least 0 points; "
                f"found {self.sentences} and {self.map_points}"
            )
        passages_at_a_time(self.memory, 1)
        check_folds(self.folds)
        require_bits(self.bits)


def create(
    path: Path | str, model: Path | str, settings: IndexSettings | None = None, fusion: Fusion | None = None
) -> Index:
    """Make an empty index of a saved encoder.

    Args:
        path: a new folder, or an empty one. model: a folder that `Encoder.save` wrote; it is linked or copied.
        fusion: how to score, from `tuning.tune`; the defaults if None.

    Raises:
        FolderError: ``path`` holds something, or ``model`` is no encoder. SettingsError: a setting cannot be.
    """
    settings = settings or IndexSettings()
    settings.check()
    load_faiss()
    folder, source = through_links(Path(path)), Path(model)
    encoder = Encoder.load(source)
    if not is_free(folder):
        raise FolderError(f"{folder}: already holds something else; name a new folder or remove it first")
    fusion = fusion or default_fusion(encoder)
    name = model_name(source, settings.bits)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder), room_for(folder):
        if settings.bits == LONG:
            link_model(source, folder / name)
        else:
            encoder.save(folder / name, settings.bits)
        manifest = {
            "kind": KIND,
            "format": FORMAT,
            "written_by": package_version(),
            "generation": 0,
            "model": name,
            "fusion": fusion.to_dict(),
            "settings": {
                "sentences": settings.sentences,
                "dense": settings.dense,
                "map_points": settings.map_points,
                "folds": list(check_folds(settings.folds)),
                "bits": settings.bits,
                "neighbours": settings.neighbours,
            },
            "segments": [],
            "counts": {},
            "atlas": None,
            "cognates": [],
            "compared": {},
            "deleted": [],
            "roots": [],
        }
        write_manifest(folder, manifest)
    return Index.open(folder)


def model_name(source: Path, bits: int) -> str:
    """The name in an index of a saved encoder whose rows have so many bits."""
    return f"model-{content_hash([file_hashes(source), bits])[:16]}"


def add(
    path: Path | str,
    documents: Mapping[str, Iterable[Document]],
    *,
    memory: int = 0,
    progress: Progress | None = None,
    roots: Sequence[Root] = (),
    gone: Callable[[str, DocumentRecord], bool] | None = None,
) -> Change:
    """Add documents; one with the id of another of its language takes its place.

    Args:
        documents: by language, in order. memory: see `IndexSettings`.
        progress: told the documents that are done.
        roots: all that the index has from now on; those that it has if empty.
        gone: whether a document that is in the index, and not among ``documents``, is to be taken out, by its language.

    Raises:
        FolderError: ``path`` is no index, is damaged, or another change is under way.
        CapacityError: the disk is full.
    """
    progress = progress or Silent()
    folder = Path(path)
    with locked(folder), room_for(folder):
        index = _open_to_change(folder)
        manifest = _copy(index.manifest)
        tally = Tally(index, manifest)
        with workspace(folder) as work:
            for language, given in documents.items():
                _add_language(index, manifest, tally, language, given, work, memory, progress)
            if gone is not None:
                tally.take_out(gone)
            change = tally.change(index.generation + 1)
            if not (change.added or change.replaced or change.moved or change.deleted):
                return replace(change, generation=index.generation)
            if roots:
                manifest["roots"] = [root.to_dict() for root in roots]
            _commit(index, manifest, progress)
    return change


def add_corpus(
    path: Path | str,
    corpus: Corpus | Path | str,
    languages: Sequence[str] = (),
    *,
    memory: int = 0,
    progress: Progress | None = None,
) -> Change:
    """Add the documents of a corpus, of some languages or all."""
    corpus = corpus if isinstance(corpus, Corpus) else Corpus.open(corpus)
    chosen = sorted(among(languages, corpus.languages, f"{corpus.path}:") or corpus.languages)
    return add(path, {code: documents_of(corpus, code) for code in chosen}, memory=memory, progress=progress)


def delete(path: Path | str, documents: Sequence[tuple[str, str]], progress: Progress | None = None) -> Change:
    """Take documents out by language and id; their space comes back with `merge`.

    Those that the last change took out are said and no error: a command that was killed when all was done can be given
    again.

    Raises:
        FolderError: as in `add`. SettingsError: the index lacks another of them; nothing is deleted then.
    """
    folder = Path(path)
    with locked(folder), room_for(folder):
        index = _open_to_change(folder)
        manifest = _copy(index.manifest)
        deleted: dict[str, int] = {}
        before = {(code, name) for code, name in index.manifest["deleted"]}
        codes = tuple(sorted({*index.languages, *(code for code, _ in before)}))
        asked = list(dict.fromkeys((one_of(code, codes) or code, name) for code, name in documents))
        gone: list[str] = []
        missing: list[str] = []
        for code, name in asked:
            if take_out(index, manifest, code, name):
                deleted[code] = deleted.get(code, 0) + 1
            else:
                (gone if (code, name) in before else missing).append(f"{code}:{name}")
        if missing:
            raise SettingsError(f"{folder}: has no document {_listed(missing)}; nothing was deleted")
        if gone:
            logger.warning("%s: deleted already: %s", folder, _listed(gone))
        if not deleted:
            return Change(index.generation)
        _commit(index, manifest, progress or Silent(), sorted(asked))
        names = [f"{code}:{name}" for code, name in asked if f"{code}:{name}" not in gone]
        return Change(index.generation + 1, deleted=deleted, names={"deleted": names})


def merge(path: Path | str, *, memory: int = 0, progress: Progress | None = None) -> Change:
    """Write the segments of each language anew as few as can be, without what was deleted."""
    progress = progress or Silent()
    folder = Path(path)
    with locked(folder), room_for(folder):
        index = _open_to_change(folder)
        manifest = _copy(index.manifest)
        change = Change(index.generation + 1)
        most = passages_at_a_time(memory, index.encoder.dim)
        with workspace(folder) as work:
            for language in index.languages:
                old = [segment for segment in index.segments if segment.language == language]
                # written again they would be the same: so a merge that was killed past its end may be given again
                if not any(segment.deleted for segment in old) and all(len(segment) >= most for segment in old[:-1]):
                    continue
                names = {segment.name for segment in old}
                manifest["segments"] = [entry for entry in manifest["segments"] if entry["name"] not in names]
                every = (document for segment in old for document in stored(segment))
                _write_segments(index, manifest, language, every, work, memory, progress)
            if manifest["segments"] == index.manifest["segments"]:
                return Change(index.generation)
            _commit(index, manifest, progress)
        return change


def _add_language(
    index: Index,
    manifest: dict[str, Any],
    tally: Tally,
    language: str,
    given: Iterable[Document],
    work: Path,
    memory: int,
    progress: Progress,
) -> None:
    def new() -> Iterator[Document]:
        for document in given:
            progress.advance(1)
            if document.id in tally.given[language]:
                raise CorpusError(f"{language}: two documents have the id {document.id!r}; ids must differ")
            if document.texts and tally.is_news(language, document):
                yield document

    _write_segments(index, manifest, language, new(), work, memory, progress)


def _write_segments(
    index: Index,
    manifest: dict[str, Any],
    language: str,
    documents: Iterable[Document],
    work: Path,
    memory: int,
    progress: Progress,
) -> None:
    """Write documents as new segments of a language and list them."""
    settings = manifest["settings"]
    most = passages_at_a_time(memory, index.encoder.dim)
    writer: SegmentWriter | None = None
    number = 1

    def finish(writer: SegmentWriter, number: int) -> None:
        # no name comes back: a reader of an old generation must not find a new segment under it
        name = f"{language}-{index.generation + 1:05d}-{number}"
        written = writer.write(index.path / SEGMENTS / name)
        entry = {"name": name, "language": language, "deleted": [], "documents": written["documents"], "roman": None}
        manifest["segments"].append(entry)

    for batch in batches(documents):
        progress.describe(f"({language})")
        if writer is None:
            folder = work / f"{language}-{number}"
            folder.mkdir()
            writer = SegmentWriter(
                folder, language, index.encoder, index.fusion, settings["sentences"], settings["dense"], index.folds
            )
        writer.add(batch)
        if writer.passages >= most:
            finish(writer, number)
            writer, number = None, number + 1
    if writer is not None:
        finish(writer, number)


def passages_at_a_time(memory: int, dim: int) -> int:
    """Passages that one segment has room for.

    Raises:
        SettingsError: the memory is too little.
    """
    memory = memory or min(memory_limit() // 4, 2 << 30)
    if memory < LEAST_MEMORY:
        raise SettingsError(f"an index needs at least {LEAST_MEMORY >> 20} MiB of memory, found {memory:,} bytes")
    return memory // (_PASSAGE + 4 * dim)


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Documents in batches of about `BATCH` sentences."""
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.texts)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if names[5:] else "")


def _commit(
    index: Index, manifest: dict[str, Any], progress: Progress, deleted: Sequence[tuple[str, str]] = ()
) -> None:
    """Make a change visible: everything it names is on disk before the manifest is.

    Args:
        deleted: documents that were asked to go, so that the same command can be given again.
    """
    folder = index.path
    manifest["segments"] = [entry for entry in manifest["segments"] if len(entry["deleted"]) < entry["documents"]]
    opened = [
        open_segment(folder / SEGMENTS / entry["name"], index.fusion, index.encoder.dim, entry["deleted"])
        for entry in manifest["segments"]
    ]
    counts: dict[str, dict[str, int]] = {}
    for segment in opened:
        own = counts.setdefault(segment.language, {"documents": 0, "passages": 0})
        own["documents"] += segment.manifest["documents"] - len(segment.deleted)
        own["passages"] += segment.alive
    manifest["counts"] = dict(sorted(counts.items()))
    manifest["generation"] += 1
    if manifest["settings"]["neighbours"]:
        _look_across(folder, manifest, opened, progress)
    manifest["written_by"] = package_version()
    manifest["deleted"] = [list(document) for document in deleted]
    if not _atlas_holds(index, manifest):
        progress.describe("(map)")
        name, points = f"atlas-{manifest['generation']:05d}", manifest["settings"]["map_points"]
        manifest["atlas"] = write_atlas(folder, name, opened, index.encoder, points)
    write_manifest(folder, manifest)
    sweep(folder, manifest)


def _look_across(folder: Path, manifest: dict[str, Any], opened: Sequence[Segment], progress: Progress) -> None:
    """Write what a query needs to find text in another language: one language by itself needs nothing."""
    if len(manifest["counts"]) > 1:
        for entry, segment in zip(manifest["segments"], opened, strict=True):
            if entry["roman"] is None:
                progress.describe(f"(romanising {segment.language})")
                number = sum(
                    (other["roman"] or "").startswith(f"{segment.language}-") for other in manifest["segments"]
                )
                name = f"{segment.language}-{manifest['generation']:05d}-{number + 1}"
                write_roman(folder / ROMAN / name, segment)
                entry["roman"] = name
    learn_pairs(folder, manifest, opened, manifest["generation"], progress)


def _atlas_holds(index: Index, manifest: Mapping[str, Any]) -> bool:
    """Whether the atlas that is there may stay: nothing that it shows is gone, and little has come since."""
    if index.atlas is None or set(manifest["counts"]) != set(index.manifest["counts"]):
        return False
    entries = {entry["name"]: entry for entry in manifest["segments"]}
    # romanised or not, the segment is the same
    if any(
        {**entries.get(entry["name"], {}), "roman": None} != {**entry, "roman": None}
        for entry in index.manifest["segments"]
    ):
        return False
    passages = sum(count["passages"] for count in manifest["counts"].values())
    return bool(passages <= (1 + NEW) * index.atlas.passages)


def _open_to_change(folder: Path) -> Index:
    index = Index.open(folder)
    require_ours(folder, index.manifest)
    sweep(folder, index.manifest)
    return index


def _copy(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {**manifest, "segments": [dict(entry) for entry in manifest["segments"]]}
