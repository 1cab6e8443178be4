"""Documents of sources as an index has them, and which of the index's are gone from their sources.

Gone is a document whose source was read and does not give it any more. What could not be read now, a file without
permission or cut short, a folder that cannot be listed, keeps what it had. A source that gives nothing at all is more
likely a disk that is not there than one that was emptied: then nothing is taken out, unless it was said to be so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from sprachbund.corpus.ingest import SourceSummary
from sprachbund.corpus.sources.deciding import UNKNOWN_LANGUAGE
from sprachbund.corpus.sources.detect import EMPTY
from sprachbund.corpus.sources.prepare import FAILED
from sprachbund.corpus.sources.workers import LATE
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SourceError
from sprachbund.search.index import Index
from sprachbund.search.passages import Document, documents_of
from sprachbund.search.records import DocumentRecord
from sprachbund.search.roots import FILES, Plan, Root
from sprachbund.search.stored import record_of
from sprachbund.search.tally import PATH

HINT = "; nothing was changed. If all that came from there is to go, say --allow-empty (in Python allow_empty=True)"
_FOR_NOW = {
    FAILED,
    LATE,
    UNKNOWN_LANGUAGE,
    "longer than the memory allows",
    "longer than the record limit",
}
"""Why a record may be left out that is there all the same."""


@dataclass(frozen=True)
class Given:
    """The documents that sources give.

    Attributes:
        plan: what was to be read. corpora: of what was read, and those that were named, each with its root, None where
            its sources say theirs.
        held: files and folders, by where they are, that could not be read, or not whole: they keep what they had.
        skipped, names: of what gave no document; detected: languages; see `Change`.
    """

    plan: Plan
    corpora: tuple[tuple[Corpus, Root | None], ...]
    held: frozenset[str] = frozenset()
    skipped: dict[str, int] = field(default_factory=dict)
    names: list[list[str]] = field(default_factory=list)
    detected: dict[str, dict[str, float]] = field(default_factory=dict)

    def languages(self, chosen: Sequence[str]) -> list[str]:
        """Of all corpora those that were chosen, all if none were."""
        every = {code for corpus, _ in self.corpora for code in corpus.languages}
        return sorted(code for code in every if not chosen or code in chosen)

    def documents(self, language: str, index: Index) -> Iterator[Document]:
        """The documents of a language, each with an id that no other has: of no other given, of no other source's."""
        used: dict[str, str] = {}
        for corpus, root in self.corpora:
            if language in corpus.languages:
                for document in documents_of(corpus, language, self._home(corpus, root)):
                    name = self._free(index, language, document, used)
                    if name is not None:
                        used[name] = document.digest
                        # where it lies is shown; not the whole path, which is no business of who asks a service
                        known = {PATH: f"{document.root.rstrip('/')}/{document.path}", **document.meta}
                        yield replace(document, id=name, meta=known)

    def _home(self, corpus: Corpus, root: Root | None) -> Callable[[int], tuple[str, str, str]]:
        sources = corpus.sources

        def home(number: int) -> tuple[str, str, str]:
            source: Mapping[str, Any] = sources[number] if number < len(sources) else {}
            name = str(source.get("name", ""))
            return (str(source.get("root", "")), name, "") if root is None else (root.name, name, root.prefix)

        return home

    def _free(self, index: Index, language: str, document: Document, used: Mapping[str, str]) -> str | None:
        name, number = document.id, 2
        while name in used or self._is_taken(index, language, name, document):
            # records with an id of their own that say the same: one document
            if used.get(name) == document.digest and PurePosixPath(document.path).stem not in document.id:
                return None
            name, number = f"{document.id}#{number}", number + 1
        return name

    def _is_taken(self, index: Index, language: str, name: str, document: Document) -> bool:
        """Whether a source that is not read now has the id; records of a named file take the place of any of theirs."""
        root = self.plan.roots.get(document.root)
        if root is None or (root.kind == FILES and not (root.prefix and name.startswith(root.prefix))):
            return False
        there = record_of(index, language, name)
        return there is not None and there.root not in ("", *self._named)

    @cached_property
    def _named(self) -> set[str]:
        return {one.root for one in self.plan.found} | {root.name for _, root in self.plan.corpora}

    def give(self) -> set[tuple[str, str]]:
        """The files, by root and path, that give documents."""
        found = set()
        for corpus, root in self.corpora:
            for source in corpus.sources:
                if source["kept"]:
                    found.add((source.get("root", "") if root is None else root.name, source["name"]))
        return found

    def is_held(self, root: str, path: str) -> bool:
        """Whether a file could not be read now, or lies in a folder that could not."""
        where = PurePosixPath(self.plan.where(root, path))
        return any(str(place) in self.held for place in (where, *where.parents))


def is_whole(summary: SourceSummary | Mapping[str, Any]) -> bool:
    """Whether all that a source has is known: it was read to its end, and nothing was left out for want of anything."""
    said = summary if isinstance(summary, Mapping) else vars(summary)
    if said["sha256"] == "" or _FOR_NOW & set(said["dropped"]):
        return False
    return not said["broken"] or said["format"] == EMPTY


def gone(
    given: Given, index: Index, languages: Sequence[str], allow_empty: bool
) -> Callable[[str, DocumentRecord], bool]:
    """Which documents of the index are gone from the sources, where they are not given.

    Args:
        languages: that were chosen; documents of others stay. allow_empty: a source may have nothing left.

    Raises:
        SourceError: a source gives nothing, and the index has documents of it.
    """
    plan = given.plan

    def is_gone(language: str, record: DocumentRecord) -> bool:
        return (
            (not languages or language in languages)
            and any(plan.covers(scope, record.root, record.path) for scope in plan.scopes)
            and not given.is_held(record.root, record.path)
        )

    if not allow_empty:
        gives = given.give()
        for scope in plan.scopes:
            if any(plan.covers(scope, root, path) for root, path in gives):
                continue
            count = sum(
                record.number not in segment.deleted
                and plan.covers(scope, record.root, record.path)
                and is_gone(segment.language, record)
                for segment in index.segments
                for record in segment.records.each()
            )
            if count:
                raise SourceError(
                    f"{scope.source}: nothing in it can be indexed, and the index has {count:,} documents of it{HINT}"
                )
    return is_gone
