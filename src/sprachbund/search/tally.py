"""What a change does to the documents of an index, one by one: new, changed, moved, as it was, taken out.

A document is its language and id. One that goes and one that comes with the same text are one that *moved*; one that
goes from a language while the same id of the same source comes in another has *changed* its language.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sprachbund.search.index import Index
from sprachbund.search.passages import Document
from sprachbund.search.records import DocumentRecord
from sprachbund.search.stored import record_of, says, take_out

PATH = "path"
"""The name under which documents say where they lie."""


@dataclass(frozen=True)
class Change:
    """What a change did.

    Attributes:
        added, replaced, kept, deleted, moved: documents by language: new ones, ones whose content is another, ones that
            the index has as they are, ones taken out, ones whose content came from another place.
        skipped: what gave no document, by reason: records, and files that were not read.
        generation: of the index now.
        detected: of each language that the text alone said: how many documents that were read, their mean confidence.
        names: for each of these but ``kept`` which, as ``pt:rio``; of those that moved or changed their language the
            old and the new key; of what was skipped the name of the file or record and the reason.
    """

    generation: int
    added: dict[str, int] = field(default_factory=dict)
    replaced: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    detected: dict[str, dict[str, float]] = field(default_factory=dict)
    names: dict[str, list[Any]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def changed(self) -> dict[str, int]:
        """`replaced`, as `sync` calls it."""
        return self.replaced

    @property
    def removed(self) -> dict[str, int]:
        """`deleted`, as `sync` calls it."""
        return self.deleted


class _Known(NamedTuple):
    """What is remembered of a document that comes or goes."""

    language: str
    id: str
    root: str
    digest: str

    @property
    def key(self) -> str:
        return f"{self.language}:{self.id}"


@dataclass
class Tally:
    """Counts a change while its documents go by.

    Args:
        manifest: of the index that will be; what is taken out is noted in it.
    """

    index: Index
    manifest: dict[str, Any]
    given: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    added: list[_Known] = field(default_factory=list)
    replaced: list[tuple[str, Any]] = field(default_factory=list)
    moved: list[tuple[str, Any]] = field(default_factory=list)
    gone: list[_Known] = field(default_factory=list)
    kept: dict[str, int] = field(default_factory=dict)

    def is_news(self, language: str, document: Document) -> bool:
        """Whether a document has to be written; the one whose place it takes is noted as deleted."""
        self.given[language].add(document.id)
        there = record_of(self.index, language, document.id)
        key = f"{language}:{document.id}"
        if there is None:
            self.added.append(_Known(language, document.id, document.root, document.digest))
            return True
        same = _says(there) == _says(document)
        # what is added without a source leaves the one that it has as it is
        if same and (not document.root or (there.root, there.path) == (document.root, document.path)):
            self.kept[language] = self.kept.get(language, 0) + 1
            return False
        take_out(self.index, self.manifest, language, document.id)
        if same:
            self.moved.append((language, [key, key]))
        else:
            self.replaced.append((language, key))
        return True

    def take_out(self, gone: Callable[[str, DocumentRecord], bool]) -> None:
        """Note as deleted what of the index is gone and was not given."""
        entries = {entry["name"]: entry for entry in self.manifest["segments"]}
        for segment in self.index.segments:
            given, dead = self.given.get(segment.language, set()), set(segment.deleted)
            leaves = []
            for record in segment.records.each():
                if record.number not in dead and record.id not in given and gone(segment.language, record):
                    leaves.append(record.number)
                    self.gone.append(_Known(segment.language, record.id, record.root, record.digest))
            if leaves:
                entry = entries[segment.name]
                entry["deleted"] = sorted({*entry["deleted"], *leaves})

    def change(self, generation: int) -> Change:
        """What it comes to; what went and came again is one that moved, or changed its language."""
        moved, replaced = list(self.moved), list(self.replaced)
        old, new = self.gone, self.added
        # of several with the same text those of the same name first
        for mark in (lambda one: (one.language, one.digest, _last(one.id)), lambda one: (one.language, one.digest)):
            pairs, old, new = _match(old, new, mark)
            moved += [(to.language, [one.key, to.key]) for one, to in pairs]
        pairs, old, new = _match(old, new, lambda one: (one.root, one.id))
        replaced += [(to.language, [one.key, to.key]) for one, to in pairs]
        kinds: dict[str, list[tuple[str, Any]]] = {
            "added": [(one.language, one.key) for one in new],
            "replaced": replaced,
            "deleted": [(one.language, one.key) for one in old],
            "moved": moved,
        }
        counts: dict[str, dict[str, int]] = {name: {} for name in kinds}
        for name, found in kinds.items():
            for language, _ in found:
                counts[name][language] = counts[name].get(language, 0) + 1
        names = {name: [named for _, named in found] for name, found in kinds.items() if found}
        return Change(
            generation,
            counts["added"],
            counts["replaced"],
            dict(self.kept),
            counts["deleted"],
            counts["moved"],
            names=names,
        )


def _says(document: Document | DocumentRecord) -> tuple[object, ...]:
    """What makes one version of a document another, but for where it lies."""
    *about, meta = says(document)
    return *about, {name: value for name, value in meta.items() if name != PATH or not document.root}


def _match(
    old: list[_Known], new: list[_Known], mark: Callable[[_Known], tuple[str, ...]]
) -> tuple[list[tuple[_Known, _Known]], list[_Known], list[_Known]]:
    """Pairs that share a mark, one to one and in order; and what is left of both."""
    waiting: dict[tuple[str, ...], deque[_Known]] = defaultdict(deque)
    for one in old:
        waiting[mark(one)].append(one)
    pairs, rest = [], []
    for one in new:
        if fit := waiting.get(mark(one)):
            pairs.append((fit.popleft(), one))
        else:
            rest.append(one)
    matched = {one for one, _ in pairs}
    return pairs, [one for one in old if one not in matched], rest


def _last(name: str) -> str:
    return name.rpartition("/")[2]
