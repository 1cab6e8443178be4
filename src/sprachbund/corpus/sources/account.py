"""What is counted while a source is read, and what a person is told about it."""

from collections import Counter
from dataclasses import dataclass, field

from sprachbund.corpus.sources.deciding import UNKNOWN_LANGUAGE
from sprachbund.corpus.sources.documents import Dropped, Note
from sprachbund.corpus.sources.prepare import FAILED, Prepared
from sprachbund.files import writable
from sprachbund.languages import UNDETERMINED, nearest

NAMED = 3
"""How many cases a warning names; all are counted."""
WORTH_A_WARNING = {
    "broken JSON",
    "broken XML",
    "not of this format",
    "longer than the record limit",
    "no sentences",
    "longer than the memory allows",
    "damaged row",
    "damaged",
    "no text layer",
    "protected",
    "longer than the time limit",
    FAILED,
}


@dataclass
class Passed:
    """Files that have no text to read, by their kind."""

    counts: Counter[str] = field(default_factory=Counter)
    named: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, name: str) -> None:
        """Count a file, and remember the first few names."""
        self.counts[kind] += 1
        if len(names := self.named.setdefault(kind, [])) < NAMED:
            names.append(name)

    def take(self, other: "Passed") -> None:
        """Count what was passed over elsewhere, too."""
        self.counts += other.counts
        for kind, names in other.named.items():
            self.named[kind] = [*self.named.get(kind, []), *names][:NAMED]

    def warnings(self) -> list[str]:
        """A line a kind."""
        return [
            writable(f"passed over: {count:,} {kind}{_named(self.named[kind])}")
            for kind, count in sorted(self.counts.items())
        ]


@dataclass
class Account:
    """The counts of one source; ``read`` is ``kept`` and all that was dropped."""

    read: int = 0
    kept: int = 0
    replaced: int = 0
    wordless: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    named: dict[str, list[str]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    claimed: Counter[str] = field(default_factory=Counter)
    notes: list[Note] = field(default_factory=list)
    placed: list[str] = field(default_factory=list)
    places: int = 0
    said: dict[str, list[str]] = field(default_factory=dict)
    sayings: Counter[str] = field(default_factory=Counter)
    detected: Counter[str] = field(default_factory=Counter)
    confidence: dict[str, float] = field(default_factory=dict)
    undetermined: list[str] = field(default_factory=list)
    passed: Passed = field(default_factory=Passed)

    def drop(self, dropped: Dropped) -> None:
        """Count a record that is left out, and remember the first few names."""
        self.read += 1
        self.dropped[dropped.reason] += 1
        if dropped.reason == UNKNOWN_LANGUAGE:
            self.unknown[dropped.detail] += 1
        elif len(names := self.named.setdefault(dropped.reason, [])) < NAMED and dropped.detail:
            names.append(dropped.detail)

    def keep(self, kept: Prepared, *parted: Prepared) -> None:
        """Count a record that has become a document, or one in each of its languages."""
        self.read += 1
        self.kept += 1
        self.replaced += kept.replaced
        for note in kept.notes:
            self.sayings[note] += 1
            if len(names := self.said.setdefault(note, [])) < NAMED:
                names.append(kept.id)
        for one in (kept, *parted):
            self.wordless += one.wordless
            self.languages[one.lang] += 1
            if one.detected is not None:
                self.detected[one.lang] += 1
                self.confidence[one.lang] = self.confidence.get(one.lang, 0.0) + one.detected
                if one.lang == UNDETERMINED and len(self.undetermined) < NAMED:
                    self.undetermined.append(one.id)
        if kept.claimed:
            self.claimed[kept.claimed] += 1
        if kept.placed:
            self.places += 1
            if len(self.placed) < NAMED:
                self.placed.append(kept.id)

    def summed(self) -> dict[str, dict[str, float]]:
        """Of each language that was detected the documents and their mean confidence."""
        return {
            code: {"documents": count, "confidence": round(self.confidence[code] / count, 4)}
            for code, count in sorted(self.detected.items())
        }

    def warnings(self) -> list[str]:
        """What a person should know about a source, a line each."""
        lines = [note.text for note in self.notes]
        for note, count in self.sayings.items():
            lines.append(f"{note}: {count:,} documents{_named(self.said[note])}" if self.read > 1 else note)
        if self.replaced:
            lines.append(f"broken UTF-8 replaced by U+FFFD {self.replaced:,} times")
        for code, count in sorted(self.unknown.items()):
            lines.append(
                f"unknown language code {code!r}: {count:,} records skipped; "
                f"the nearest are {', '.join(nearest(code, 3))}"
            )
        for code, count in sorted(self.claimed.items()):
            lines.append(f"the source says its language is {code} ({count:,} documents); the one that was named wins")
        if self.places:
            lines.append(f"no id: {self.places:,} records have none and are called by their place{_named(self.placed)}")
        if unsure := self.detected[UNDETERMINED]:
            lines.append(
                f"language unknown: {unsure:,} documents do not say theirs and their text is too short or too mixed to "
                f"tell, kept as {UNDETERMINED}; name it with --language{_named(self.undetermined)}"
            )
        for reason in sorted(WORTH_A_WARNING & set(self.dropped)):
            names = self.named.get(reason, [])
            lines.append(f"{reason}: {self.dropped[reason]:,} records skipped{_named(names)}")
        if not self.kept and not any(note.fatal for note in self.notes):
            lines.append("no document kept")
        return list(map(writable, lines))


def _named(names: list[str]) -> str:
    return f" ({'; '.join(names)}{'; ...' if len(names) == NAMED else ''})" if names else ""
