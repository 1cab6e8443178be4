"""From raw text, or a corpus, to an index in one step: ingest, train where no model is named, index.

What is made on the way lies in ``INDEX.partial`` until the index has it, see `unfinished`; killed at any moment, the
same command goes on. From its beginning to its end no other command may change the index.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sprachbund.arguments import some_paths
from sprachbund.corpus.ingest import IngestSummary, ingest
from sprachbund.corpus.remote.found import Found, find_files
from sprachbund.corpus.sources.columns import Columns, chosen
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, FolderError, SettingsError
from sprachbund.files import content_hash
from sprachbund.languages import among
from sprachbund.progress import Progress, logger
from sprachbund.progress import progress as show_progress
from sprachbund.retrieval.encoder.encoder import Encoder, file_hashes
from sprachbund.retrieval.settings import BEST, change
from sprachbund.retrieval.train import train
from sprachbund.search import unfinished
from sprachbund.search.building import IndexSettings, add, create, model_name
from sprachbund.search.dense import load_faiss
from sprachbund.search.folder import claimed, is_free, require_ours, through_links
from sprachbund.search.fusion import Fusion
from sprachbund.search.index import Index
from sprachbund.search.manifest import MANIFEST
from sprachbund.search.roots import Plan, Root, network_root, place
from sprachbund.search.syncing import HINT, Given, gone, is_whole
from sprachbund.search.tally import Change
from sprachbund.search.tuning import held_out, tune

NOT_READ = "file without documents"
Shower = Callable[[str, float | None], AbstractContextManager[Progress]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How raw sources are read: their language, or that folders name it, and which column is which."""

    language: str | None
    language_from: str | None
    columns: Columns


def index_sources(
    sources: Sequence[Path | str] | Path | str,
    out: Path | str,
    model: Path | str | None = None,
    *,
    settings: IndexSettings | None = None,
    languages: Sequence[str] = (),
    language: str | None = None,
    columns: Columns | Mapping[str, str] | None = None,
    language_from: str | None = None,
    sync: bool = False,
    allow_empty: bool = False,
    shower: Shower = show_progress,
) -> Change:
    """Index sources: a new index, or more documents for one that is there.

    Args:
        sources: folders that ingest wrote, or anything that ingest reads.
        out: the index. model: a folder that train wrote; without one, `best` is trained on the sources first. An index
            that is there has its model.
        languages: of the sources, all if empty. language: the language of all raw sources; language_from, columns:
            where else it stands, and which column of tables is which, as in `ingest`.
        sync: documents of these sources that are not in them any more are taken out, see `syncing`.
        allow_empty: under ``sync`` a source may be gone, or have nothing left: all that came from it goes.

    Raises:
        SettingsError: several corpora and no model to read them all, or a model that is not the index's.
        FolderError, SourceError, CorpusError, CapacityError: as in `ingest`, `train` and `add`.
    """
    settings = settings or IndexSettings()
    settings.check()
    sources = some_paths(sources)
    reading = Reading(language, language_from, chosen(columns))
    if allow_empty and not sync:
        raise SettingsError("what is gone is taken out by --sync alone; --allow-empty goes with it")
    load_faiss()
    target = through_links(Path(out))
    if not (target / MANIFEST).exists() and not is_free(target):
        raise FolderError(f"{target}: already holds something else; name a new folder or remove it first")
    with claimed(target):
        return _index(sources, target, model, settings, languages, reading, sync, allow_empty, shower)


def _index(
    sources: Sequence[Path | str],
    target: Path,
    model: Path | str | None,
    settings: IndexSettings,
    languages: Sequence[str],
    reading: Reading,
    sync: bool,
    allow_empty: bool,
    shower: Shower,
) -> Change:
    partial = target.with_name(f"{target.name}.partial")
    ready = (target / MANIFEST).exists()
    known: list[Root] = []
    if ready:
        opened = Index.open(target)
        require_ours(target, opened.manifest)
        known = [Root(**root) for root in opened.manifest["roots"]]
        if model is not None:
            _same_model(opened, Path(model))
    elif model is not None:
        file_hashes(Path(model))  # refused before anything is read
    empty = sync and allow_empty and ready
    plan = place(sources, known, (target, partial), gone=empty, hint=HINT if sync and ready else "")
    given = _read(plan, partial, reading, settings.memory, shower, empty)
    if given.languages(()):
        every = given.languages(())
        languages = among(languages, every, "the text of the sources")
    if not ready:
        corpora = [corpus.without_twins() for corpus, _ in given.corpora]
        folder = Path(model or _train(corpora, partial, languages, shower))
        create(target, folder, settings, _weigh(folder, corpora, languages, settings, shower))
    index = Index.open(target)
    chosen = given.languages(languages)
    total = sum(corpus.counts.get(code, {}).get("documents", 0) for corpus, _ in given.corpora for code in chosen)
    with shower("indexing (documents)", total) as bar:
        done = add(
            target,
            {code: given.documents(code, index) for code in chosen},
            memory=settings.memory,
            progress=bar,
            roots=tuple(plan.roots.values()),
            gone=gone(given, index, languages, allow_empty) if sync else None,
        )
    unfinished.remove(partial)
    names = {**done.names, "skipped": given.names} if given.names else done.names
    return replace(done, skipped=given.skipped, detected=given.detected, names=names)


def _read(plan: Plan, partial: Path, reading: Reading, memory: int, shower: Shower, empty: bool) -> Given:
    """The corpora among the sources, and one of everything else."""
    found = [(Corpus.open(path), root) for path, root in plan.corpora]
    if not plan.found and not plan.network:
        return Given(plan, tuple(found))
    # other files, and other content of them, begin anew
    state = [(one.root, one.prefix, one.owned, one.name, *_state(one)) for one in plan.found]
    note = content_hash([asdict(reading), list(plan.network), state])
    folder = unfinished.place(partial, f"corpus-{note[:12]}")
    away = [replace(one, root=network_root(source)) for source in plan.network for one in find_files([source], folder)]
    with shower("reading (bytes)", None) as bar:
        how: dict[str, Any] = {
            "memory": memory or None,
            "columns": reading.columns,
            "language_from": reading.language_from,
        }
        summary = ingest([*plan.found, *away], folder, reading.language, progress=bar, twins=True, **how)
    corpus = Corpus.open(folder)
    if not corpus.languages and not empty:
        named = ", ".join(scope.source for scope in plan.scopes)
        raise CorpusError(f"{named}: no sentence was found; there is nothing to index")
    return Given(plan, (*found, (corpus, None)), *_left_out(plan, summary), summary.detected)


def _state(found: Found) -> tuple[int, int]:
    try:
        about = found.path.stat()
    except OSError:
        return 0, 0
    return about.st_size, about.st_mtime_ns


def _left_out(plan: Plan, summary: IngestSummary) -> tuple[frozenset[str], dict[str, int], list[list[str]]]:
    """Of an ingest, the files that were not read whole; how much gave no document and why; and what that was."""
    held = frozenset(plan.where(one.root, one.name) for one in summary.sources if not is_whole(one))
    skipped: Counter[str] = Counter()
    names = []
    for one in summary.sources:
        skipped.update(one.dropped)
        if not one.read:
            skipped[NOT_READ] += 1
        if not one.kept or one.broken or one.dropped:
            why = one.warnings or [f"{count:,} {reason}" for reason, count in one.dropped.items()]
            names.append([one.name, "; ".join(why) or "no document"])
    for kind, count in summary.passed.items():
        skipped[kind] += count
    return held, dict(sorted(skipped.items())), names


def _train(corpora: Sequence[Corpus], partial: Path, languages: Sequence[str], shower: Shower) -> Path:
    if len(corpora) > 1:
        raise SettingsError(
            "an encoder is trained on one corpus, found several; ingest them into one, or name a trained encoder with "
            "--model"
        )
    corpus = corpora[0]
    chosen = [code for code in corpus.languages if not languages or code in languages]
    # other text begins anew
    note = content_hash([corpus.content_hash(), chosen])
    folder = unfinished.place(partial, f"model-{note[:12]}")
    # a handful of documents: all of them train, or none; the weights of the index are then the defaults
    everything = change(BEST, shares=(1.0, 0.0, 0.0))
    less = (
        ("there is too little text to hold some of it out; the encoder is trained on all of it", everything),
        ("there is too little text to train on; the encoder knows equal words alone", change(everything, epochs=0.0)),
    )
    try:
        train(corpus, folder, languages=chosen, shower=shower)
        return folder
    except CorpusError:
        pass
    for note, settings in less:
        try:
            train(corpus, folder, languages=chosen, settings=settings, shower=shower)
        except CorpusError:
            continue
        logger.warning("%s", note)
        return folder
    raise CorpusError(f"{corpus.path}: has no words in {', '.join(chosen)}; there is nothing to index")


def _weigh(
    model: Path, corpora: Sequence[Corpus], languages: Sequence[str], settings: IndexSettings, shower: Shower
) -> Fusion:
    """The weights that do best on what the encoder has not seen; of several corpora the first decides."""
    encoder = Encoder.load(model)
    chosen = [code for code in corpora[0].languages if not languages or code in languages]
    with shower("weighing (languages)", len(chosen)) as bar:
        return tune(encoder, held_out(encoder, corpora[0], chosen), settings.sentences, bar, settings.folds)


def _same_model(index: Index, model: Path) -> None:
    if index.manifest["model"] != model_name(model, index.manifest["settings"]["bits"]):
        raise SettingsError(
            f"{index.path}: has another model than {model}; an index keeps its own: leave --model out, or make "
            "a new index"
        )
