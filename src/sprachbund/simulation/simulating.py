"""A world to a corpus, through the writer of `ingest`, and the truth beside it.

Documents are written as they are made, so that memory does not grow with the text (but for what it takes to
say no sentence twice, two bytes each). The same world gives the same files, to the byte.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from sprachbund import files
from sprachbund.corpus import store
from sprachbund.corpus.sources.prepare import Prepared
from sprachbund.errors import FolderError
from sprachbund.progress import Progress, Silent
from sprachbund.simulation.lexicons import Lexicon, make_lexicons
from sprachbund.simulation.meanings import make_space
from sprachbund.simulation.sounds import Stream
from sprachbund.simulation.text import Document, documents
from sprachbund.simulation.truth import MANIFEST, Truth, read_truth, truth_folder, write_truth
from sprachbund.simulation.world import World, plain

__all__ = ["Simulated", "simulate"]

SOURCE, FORMAT_NAME = "simulated world", "simulation"


@dataclass(frozen=True)
class Simulated:
    """What `simulate` wrote.

    Attributes:
        corpus: its folder. truth: what is true of it, also in the folder `truth_folder` of the corpus.
        counts: by language: documents, sections, paragraphs, sentences, characters.
    """

    corpus: Path
    truth: Truth
    counts: dict[str, dict[str, int]]


def simulate(
    world: World, out: Path | str, *, held: int = store.DEFAULT_HELD, progress: Progress | None = None
) -> Simulated:
    """Write a corpus of a world, and the truth about it beside it.

    Args:
        out: a new folder, or a corpus that `simulate` wrote, which is replaced.
        held: bytes of documents that may wait in memory, about. progress: told the sentences.

    Raises:
        SettingsError: the world cannot be. FolderError: ``out`` or the folder beside it holds something else.
        CapacityError: the disk is full.
    """
    out, report = Path(out), progress or Silent()
    files.require_place(out, folder=True)
    _require_simulated(out)
    space = make_space(world.meanings, world.seed)
    lexicons = make_lexicons(world, space)
    declared = files.content_hash(plain(world))
    with files.atomic_folder(truth_folder(out), MANIFEST) as truth:
        with files.atomic_folder(out, store.MANIFEST) as folder:
            staging = store.Staging(folder, f"00000.{declared[:12]}", held)
            kept = 0
            for code in world.written:
                lexicon = lexicons[code]
                for document in documents(world, space, code):
                    prepared = _prepared(world, document, lexicon)
                    staging.add(prepared.id, prepared.id, prepared)
                    report.advance(len(prepared.texts))
                    kept += 1
            _list(folder, staging, declared, kept)
        opened = store.Corpus.open(out, check=False)
        write_truth(truth, world, space, lexicons, opened.content_hash())
    return Simulated(out, read_truth(out), opened.counts)


def _require_simulated(out: Path) -> None:
    """See that a corpus which is there was simulated: what was ingested is not replaced.

    Raises:
        FolderError: it was not.
    """
    if (out / store.MANIFEST).exists():
        there = store.Corpus.open(out, check=False)
        if [source["format"] for source in there.sources] != [FORMAT_NAME]:
            raise FolderError(f"{out}: holds a corpus that was ingested; name a new folder for the simulated one")


def _prepared(world: World, document: Document, lexicon: Lexicon) -> Prepared:
    """A document in the words of a language, as a source's reader would have prepared it."""
    said_in = _voices(world, lexicon, document)
    texts = [
        _written([words[m] for m in meanings.tolist()])
        for words, meanings in zip(said_in, document.sentences, strict=True)
    ]
    sections = document.paragraphs.tolist()
    code = lexicon.language
    return Prepared(
        id=f"{code}-{document.number:07d}",
        lang=code,
        claimed=None,
        title="",
        group=None,
        headings=[""] * len(document.subtopics),
        sections=sections,
        paragraphs=sections,
        texts=texts,
        wordless=0,
        digest=int.from_bytes(blake2b("\n".join((code, *texts)).encode(), digest_size=8).digest()),
        meta={"topic": str(document.topic), "subtopics": " ".join(map(str, document.subtopics))},
    )


def _voices(world: World, lexicon: Lexicon, document: Document) -> list[list[str]]:
    """In whose words each sentence of a document is said; what a document says does not depend on it."""
    switching = world.languages[lexicon.language].switching
    if not switching:
        return [lexicon.words] * len(document.sentences)
    voices = [*lexicon.switched.values(), lexicon.words]
    shares = np.array([*switching.values(), max(0.0, 1 - sum(switching.values()))])
    due = Stream(world.seed, "voices", lexicon.language, document.number).evenly(len(voices))
    said_in = []
    for _ in document.sentences:  # whoever is most behind its share speaks; who begins is by chance
        due += shares
        place = int(np.argmax(np.where(shares > 1e-9, due, -np.inf)))
        due[place] -= 1
        said_in.append(voices[place])
    return said_in


def _written(words: Sequence[str]) -> str:
    """A sentence as people write it: a capital, blanks, a full stop."""
    text = " ".join(words)
    return f"{text[0].upper()}{text[1:]}."


def _list(folder: Path, staging: store.Staging, declared: str, kept: int) -> None:
    """Write the manifest of a corpus that has one source, the world."""
    manifest = store.empty_manifest()
    for name in staging.finish():
        manifest["files"][name] = files.sha256_file(folder / name)
        manifest["bytes"][name] = (folder / name).stat().st_size
    manifest["counts"] = staging.counts
    documents_of = {code: counts["documents"] for code, counts in sorted(staging.counts.items())}
    manifest["sources"] = [
        {
            "name": SOURCE, "sha256": declared, "format": FORMAT_NAME, "languages": documents_of,
            "read": kept, "kept": kept, "dropped": {}, "replaced": 0, "wordless": 0, "warnings": [], "broken": False,
            "detected": {},
        }
    ]  # fmt: skip
    files.write_json(folder / store.MANIFEST, files.sealed(manifest))
