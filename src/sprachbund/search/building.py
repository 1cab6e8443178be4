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
from sprachbund.progress import Progress, Silent, logger
from sprachbund.retrieval.encoder.encoder import Encoder, file_hashes
from sprachbund.retrieval.encoder.short_rows import LONG, require_bits
from sprachbund.search.committing import NEW, commit
from sprachbund.search.dense import choose, load_faiss
from sprachbund.search.filling import BATCH, LEAST_MEMORY, batches, passages_at_a_time, write_segments
from sprachbund.search.folder import (
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
from sprachbund.search.passages import Document, documents_of
from sprachbund.search.records import DocumentRecord
from sprachbund.search.roots import Root
from sprachbund.search.stored import stored, take_out
from sprachbund.search.tally import Change, Tally

__all__ = [
    "BATCH",
    "LEAST_MEMORY",
    "MOST_SENTENCES",
    "NEW",
    "IndexSettings",
    "add",
    "add_corpus",
    "batches",
    "create",
    "delete",
    "merge",
    "model_name",
    "passages_at_a_time",
]

MOST_SENTENCES = 10_000
"""Of a passage: what surrounds it is counted in passages."""


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
            commit(index, manifest, progress)
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
        commit(index, manifest, progress or Silent(), sorted(asked))
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
                write_segments(index, manifest, language, every, work, memory, progress)
            if manifest["segments"] == index.manifest["segments"]:
                return Change(index.generation)
            commit(index, manifest, progress)
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

    write_segments(index, manifest, language, new(), work, memory, progress)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if names[5:] else "")


def _open_to_change(folder: Path) -> Index:
    index = Index.open(folder)
    require_ours(folder, index.manifest)
    sweep(folder, index.manifest)
    return index


def _copy(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {**manifest, "segments": [dict(entry) for entry in manifest["segments"]]}
