"""The jobs of an encoding: every part of every language, then all n-grams, then every language.

    begin      the vocabulary, the spelling, the split            here
    part       some files of a language to rows, and keys that have none      side by side, wherever an engine has room
    ngrams     the ids of all n-grams                              one job
    language   its parts put together with these ids               side by side

Each is a run (`runs/store.py`), complete or absent: what is lost is done again, and what is complete is not. Memory
holds a part, see `part.py`; disk, meanwhile, twice what is encoded.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.corpus.store import Corpus, notes_of
from sprachbund.engines.engine import Engine, Needs
from sprachbund.engines.processes import Processes
from sprachbund.machine import cpu_count, memory_limit
from sprachbund.ngrams.vocabulary import Vocabulary
from sprachbund.progress import Progress
from sprachbund.retrieval.encoder.encoded_language import NGRAMS
from sprachbund.retrieval.encoder.encoding.disk import read
from sprachbund.retrieval.encoder.encoding.language import join_parts
from sprachbund.retrieval.encoder.encoding.numbering import number_ngrams
from sprachbund.retrieval.encoder.encoding.part import Part, encode_part
from sprachbund.retrieval.spelling.keeping import FOLDER, read_spelling
from sprachbund.retrieval.spelling.spellings import WRITTEN, Spelling
from sprachbund.runs.store import Runs, Specification
from sprachbund.runs.workers import perform_all

__all__ = ["VOCABULARY", "Jobs", "carry_out", "gather", "parts_of"]

VOCABULARY = "vocabulary"
PART_BYTES = 16 << 20
"""Of the files of a part, which are compressed; a file that has more is several parts, at its documents."""
SMALL = 64 << 20
"""Bytes of files below which to start processes costs more than it brings."""
EXPANDED = 80
"""Bytes of memory that a job takes for a byte of its part, about, where it was measured."""


@dataclass(frozen=True)
class Jobs:
    """What every job of an encoding knows; picklable and small.

    Attributes:
        corpus: the folder. runs: of this encoding. said: all that decides what is encoded, as JSON.
    """

    corpus: Path
    runs: Runs
    said: Specification

    @staticmethod
    def of(corpus: Path, folder: Path, said: Specification) -> "Jobs":
        """The jobs whose runs lie in a folder. The hash of a library is the same in one version of it."""
        return Jobs(corpus, Runs(folder), {**said, "polars": pl.__version__})

    @property
    def begin(self) -> Specification:
        """What comes first; see `beginning.begin`."""
        return {**self.said, "step": "begin"}

    @property
    def learned(self) -> str:
        """A hash of what was learned to spell words; what comes first is complete."""
        return str(self.runs.result(self.begin)["learned"])

    @property
    def ngrams(self) -> Specification:
        """The ids of all n-grams."""
        return {**self.said, "step": "ngrams"}

    def language(self, language: str) -> Specification:
        """A language put together."""
        return {**self.said, "step": "language", "language": language}

    def parts(self, language: str) -> list[Specification]:
        """The parts of a language; what comes first is complete."""
        every = self.runs.result(self.begin)["parts"][language]
        return [{**self.said, "step": "part", "language": language, **part} for part in every]

    def __call__(self, specification: Specification, folder: Path) -> dict[str, Any]:
        """See `perform_all`."""
        begun = self.runs.folder(self.begin)
        if specification["step"] == "part":
            return self._part(specification, begun, folder)
        if specification["step"] == "ngrams":
            parts = [self.runs.folder(part) for code in self.said["languages"] for part in self.parts(code)]
            return number_ngrams(parts, Vocabulary.load(begun / VOCABULARY), tuple(self.said["characters"]), folder)
        parts = [self.runs.folder(part) for part in self.parts(specification["language"])]
        ngrams = self.ngrams
        join_parts(parts, self.runs.folder(ngrams), self.runs.result(ngrams), self.said["spelling"] != WRITTEN, folder)
        return {}

    def _part(self, specification: Specification, begun: Path, folder: Path) -> dict[str, Any]:
        language = specification["language"]
        sides, groups = (read(begun / language, name) for name in ("sides", "groups"))
        own = {name: specification[name] for name in ("first", "skipped", "documents")}
        part = Part(self.corpus, tuple(specification["files"]), language, **own, sides=sides, groups=groups)
        vocabulary = Vocabulary.load(begun / VOCABULARY)
        characters = tuple(self.said["characters"])
        return {"sentences": encode_part(part, vocabulary, self.spelling(), self.said["bigrams"], characters, folder)}

    def spelling(self) -> Spelling:
        """How words are spelt; what comes first is complete."""
        if self.said["spelling"] == WRITTEN:
            return Spelling()
        return read_spelling(self.runs.folder(self.begin) / FOLDER, self.said["spelling"], "encode the corpus anew")


def parts_of(corpus: Corpus, language: str) -> list[dict[str, Any]]:
    """A language in parts, in order: ``files``, ``first``, ``skipped``, ``documents``, see `Part`, and ``bytes``."""
    parts: list[dict[str, Any]] = []
    first = 0
    for name in corpus.part_names(language):
        size, documents = corpus.manifest["bytes"][name], _lines(corpus.path / notes_of(name))
        if parts and parts[-1]["bytes"] + size <= PART_BYTES:
            parts[-1]["files"].append(name)
            parts[-1]["bytes"] += size
            parts[-1]["documents"] += documents
        else:
            count = max(1, min(documents, -(-size // max(1, PART_BYTES))))
            edges = [documents * number // count for number in range(count + 1)]
            parts += [
                {"files": [name], "first": first + low, "skipped": low, "documents": high - low, "bytes": size // count}
                for low, high in pairwise(edges)
            ]
        first += documents
    return parts


def _lines(path: Path) -> int:
    with path.open("rb") as handle:
        return sum(block.count(b"\n") for block in iter(partial(handle.read, 1 << 20), b""))


def carry_out(jobs: Jobs, workers: int | None, engine: Engine | None, progress: Progress) -> None:
    """Do all jobs but the first, which is complete; ``progress`` advances by a language for each in all.

    Args:
        workers: processes side by side, a processor each; one a processor if None. engine: where, in place of them.
    """
    languages = jobs.said["languages"]
    parts = [part for code in languages for part in jobs.parts(code)]
    sizes = [part["bytes"] for part in parts]
    needs = Needs(memory=_need(max(sizes), engine))
    steps = _Share(progress, len(languages) / (len(parts) + len(languages)))
    with _place(sum(sizes), needs.memory, workers, engine) as place:
        progress.describe("encoding")
        _perform(jobs, parts, place, needs, steps)
        progress.describe("numbering n-grams")
        _perform(jobs, [jobs.ngrams], engine, Needs(), _Share(progress, 0))
        progress.describe("putting languages together")
        _perform(jobs, [jobs.language(code) for code in languages], place, needs, steps)


def gather(jobs: Jobs, folder: Path) -> None:
    """Put what the jobs made into one folder; a file has two names then, and no more room is taken."""
    begun = jobs.runs.folder(jobs.begin)
    found = [path for name in (VOCABULARY, FOLDER) for path in (begun / name).glob("*")]
    files = {path.relative_to(begun).as_posix(): path for path in found}
    files |= {f"{name}.npy": jobs.runs.folder(jobs.ngrams) / f"{name}.npy" for name in NGRAMS}
    for language in jobs.said["languages"]:
        made = jobs.runs.folder(jobs.language(language))
        files[f"{language}/names.json"] = begun / language / "names.json"
        files |= {f"{language}/{path.name}": path for path in made.glob("*.npy")}
    for name, path in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        try:
            (folder / name).hardlink_to(path)
        except OSError:  # a disk that has no links
            shutil.copyfile(path, folder / name)


def _need(largest: int, engine: Engine | None) -> int:
    """Bytes of memory of a job: what the largest part makes it, and no more than a machine has."""
    if engine is None:
        return EXPANDED * largest
    there = engine.resources()
    return min(EXPANDED * largest, there.memory // max(1, there.machines))


@contextmanager
def _place(size: int, need: int, workers: int | None, engine: Engine | None) -> Iterator[Engine | None]:
    """The engine, or as many processes as there is memory for, or None: this process, where there is little to do."""
    if engine is not None or size < SMALL:
        yield engine
        return
    most = max(1, memory_limit() // 2 // max(1, need))
    with closing(Processes(min(workers or cpu_count(), most))) as processes:
        yield processes


def _perform(
    jobs: Jobs, specifications: Sequence[Specification], place: Engine | None, needs: Needs, progress: Progress
) -> None:
    if place is not None:
        perform_all(jobs.runs, specifications, jobs, workers=1, each=needs, progress=progress, engine=place)
        return
    for specification in specifications:
        jobs.runs.perform(specification, jobs)
        progress.advance()


@dataclass(frozen=True)
class _Share:
    """A progress of which a step is a part of another's."""

    whole: Progress
    share: float

    def advance(self, amount: float = 1) -> None:
        """See `Progress`."""
        self.whole.advance(amount * self.share)

    def describe(self, text: str) -> None:
        """See `Progress`."""
        self.whole.describe(text)
