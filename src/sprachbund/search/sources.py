"""From raw text, or a corpus, to an index in one step: ingest, train where no model is named, index.

What is made on the way lies in ``INDEX.partial`` until the index has it, see `unfinished`; killed at any moment, the
same command goes on. From its beginning to its end no other command may change the index.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from sprachbund.arguments import some_paths
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.sources.columns import Columns, chosen
from sprachbund.corpus.store import MANIFEST as CORPUS
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, FolderError, SettingsError
from sprachbund.files import content_hash
from sprachbund.languages import among
from sprachbund.progress import Progress, logger
from sprachbund.progress import progress as show_progress
from sprachbund.retrieval.encoder import Encoder, file_hashes
from sprachbund.retrieval.fitting import fit
from sprachbund.retrieval.settings import BEST, change
from sprachbund.search import unfinished
from sprachbund.search.building import Change, IndexSettings, add_corpus, create
from sprachbund.search.dense import load_faiss
from sprachbund.search.folder import claimed, is_free, require_ours, through_links
from sprachbund.search.fusion import Fusion
from sprachbund.search.index import Index
from sprachbund.search.manifest import MANIFEST
from sprachbund.search.tuning import held_out, tune

Shower = Callable[[str, float | None], AbstractContextManager[Progress]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How raw sources are read: their language, or that folders name it, and which column is which."""

    lang: str | None
    lang_from: str | None
    columns: Columns


def index_sources(
    sources: Sequence[Path | str] | Path | str,
    out: Path | str,
    model: Path | str | None = None,
    *,
    settings: IndexSettings | None = None,
    languages: Sequence[str] = (),
    lang: str | None = None,
    columns: Columns | Mapping[str, str] | None = None,
    lang_from: str | None = None,
    shower: Shower = show_progress,
) -> Change:
    """Index sources: a new index, or more documents for one that is there.

    Args:
        sources: folders that ingest wrote, or anything that ingest reads.
        out: the index. model: a folder that train wrote; without one, `best` is trained on the sources first. An index
            that is there has its model.
        languages: of the sources, all if empty. lang: the language of all raw sources; lang_from, columns: where else
            it stands, and which column of tables is which, as in `ingest`.

    Raises:
        SettingsError: several corpora and no model to read them all, or a model that is not the index's.
        FolderError, SourceError, CorpusError, CapacityError: as in `ingest`, `fit` and `add`.
    """
    settings = settings or IndexSettings()
    settings.check()
    sources = some_paths(sources)
    reading = Reading(lang, lang_from, chosen(columns))
    load_faiss()
    target = through_links(Path(out))
    if not (target / MANIFEST).exists() and not is_free(target):
        raise FolderError(f"{target}: already holds something else; name a new folder or remove it first")
    with claimed(target):
        return _index(sources, target, model, settings, languages, reading, shower)


def _index(
    sources: Sequence[Path | str],
    target: Path,
    model: Path | str | None,
    settings: IndexSettings,
    languages: Sequence[str],
    reading: Reading,
    shower: Shower,
) -> Change:
    partial = target.with_name(f"{target.name}.partial")
    ready = (target / MANIFEST).exists()
    if ready:
        opened = Index.open(target)
        require_ours(target, opened.manifest)
        if model is not None:
            _same_model(opened, Path(model))
    elif model is not None:
        file_hashes(Path(model))  # refused before anything is read
    corpora, detected = _corpora(sources, partial, reading, settings.memory, shower)
    languages = among(
        languages, sorted({code for corpus in corpora for code in corpus.languages}), "the text of the sources"
    )
    if not ready:
        folder = Path(model or _train(corpora, partial, languages, shower))
        create(target, folder, settings, _weigh(folder, corpora, languages, settings, shower))
    change = Change(0)
    for corpus in corpora:
        chosen = tuple(code for code in corpus.languages if not languages or code in languages)
        if not chosen:
            continue
        total = sum(corpus.counts[code]["documents"] for code in chosen)
        with shower("indexing (documents)", total) as bar:
            done = add_corpus(target, corpus, chosen, memory=settings.memory, progress=bar)
        change = Change(
            done.generation,
            added=_sum(change, done, "added"),
            replaced=_sum(change, done, "replaced"),
            kept=_sum(change, done, "kept"),
            deleted=_sum(change, done, "deleted"),
        )
    unfinished.remove(partial)
    return replace(change, detected=detected)


def _sum(first: Change, second: Change, name: str) -> dict[str, int]:
    a, b = getattr(first, name), getattr(second, name)
    return {code: a.get(code, 0) + b.get(code, 0) for code in sorted({*a, *b})}


def _corpora(
    sources: Sequence[Path | str], partial: Path, reading: Reading, memory: int, shower: Shower
) -> tuple[list[Corpus], dict[str, dict[str, float]]]:
    """The corpora among the sources, and one of everything else; and the languages that were detected in that."""
    detected: dict[str, dict[str, float]] = {}
    ready = [Path(source) for source in sources if (Path(source) / CORPUS).is_file()]
    raw = [source for source in sources if Path(source) not in ready]
    found = [Corpus.open(path) for path in ready]
    if raw:
        # another set of sources begins anew
        note = content_hash([[str(source) for source in raw], reading.lang, reading.lang_from])
        folder = unfinished.place(partial, f"corpus-{note[:12]}")
        with shower("reading (bytes)", None) as bar:
            read = ingest(
                raw,
                folder,
                reading.lang,
                memory=memory or None,
                progress=bar,
                columns=reading.columns,
                lang_from=reading.lang_from,
            )
        detected = read.detected
        corpus = Corpus.open(folder)
        if not corpus.languages:
            raise CorpusError(f"{', '.join(map(str, raw))}: no sentence was found; there is nothing to index")
        found.append(corpus)
    return found, detected


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
        fit(corpus, folder, languages=chosen, shower=shower)
        return folder
    except CorpusError:
        pass
    for note, settings in less:
        try:
            fit(corpus, folder, languages=chosen, settings=settings, shower=shower)
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
    if file_hashes(index.path / index.manifest["model"]) != file_hashes(model):
        raise SettingsError(
            f"{index.path}: has another model than {model}; an index keeps its own: leave --model out, or make "
            "a new index"
        )
