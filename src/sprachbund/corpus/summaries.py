"""What an ingest says that it did."""

from dataclasses import dataclass, field

__all__ = ["IngestSummary", "SourceSummary"]


@dataclass(frozen=True)
class SourceSummary:
    """What became of a source.

    Attributes:
        read: records read; ``kept`` of them are documents of the corpus now.
        dropped: for each reason how many records; with ``kept`` they sum to ``read``.
        replaced: sequences of bytes that were no UTF-8.
        wordless: sentences left out because they have neither letter nor digit.
        broken: truncated, damaged, empty or unreadable: an error under --strict.
        skipped: the corpus has the source already; the counts are those of then.
        detected: of each language that the text alone said: how many documents, and their mean confidence.
        root: what the source belongs to, where several are kept apart; the name is its path below that.
        twin: the number of the source that has the very same bytes, where such are read too.
        url, checksum: where it was fetched from, and the checksum published there, as ``sha1:...``; None for a
            file that was here.
    """

    name: str
    sha256: str
    format: str
    languages: dict[str, int]
    read: int
    kept: int
    dropped: dict[str, int]
    replaced: int
    wordless: int
    warnings: list[str]
    broken: bool
    skipped: bool = False
    url: str | None = None
    checksum: str | None = None
    detected: dict[str, dict[str, float]] = field(default_factory=dict)
    root: str = ""
    twin: int | None = None


@dataclass(frozen=True)
class IngestSummary:
    """What an ingest did, and what the corpus now has of each language.

    Attributes:
        passed: the files in folders that have no text to read, how many of each kind.
    """

    sources: tuple[SourceSummary, ...]
    counts: dict[str, dict[str, int]]
    warnings: tuple[str, ...] = ()
    passed: dict[str, int] = field(default_factory=dict)

    @property
    def detected(self) -> dict[str, dict[str, float]]:
        """Of each language that the text alone said: how many documents of all sources, and their mean confidence."""
        found: dict[str, dict[str, float]] = {}
        for code, said in [each for source in self.sources for each in source.detected.items()]:
            total = found.setdefault(code, {"documents": 0, "confidence": 0.0})
            number = total["documents"] + said["documents"]
            total["confidence"] += (said["confidence"] - total["confidence"]) * said["documents"] / number
            total["documents"] = number
        return dict(sorted(found.items()))
