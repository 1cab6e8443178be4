"""Every error that sprachbund raises on purpose.

    SprachbundError            the command line prints its message on one line and exits with 1
    ├── SourceError            a raw text source cannot be read, or is cut, and --strict was asked for
    ├── LanguageError          a language code that nobody knows, or a language that the corpus lacks
    ├── CorpusError            a corpus cannot serve: too small to split, no sentences, ...
    ├── FolderError            a folder that we read or write is damaged, foreign or of another format version
    ├── DatabaseError          a database does not answer, or holds what is not ours, or of another version or model
    ├── DivergenceError        a training left the range of its numbers; says where, and what to lower
    ├── SettingsError          a setting has a value that cannot work
    ├── CapacityError          the work does not fit the memory; says what would
    ├── MissingExtraError      an optional dependency is absent; names the install command
    └── MissingDataError       a table of others that the work reads is absent; says where to get it

A message says what was expected, what was found, where, and what to do about it.
"""

__all__ = [
    "CapacityError",
    "CorpusError",
    "DatabaseError",
    "DivergenceError",
    "FolderError",
    "LanguageError",
    "MissingDataError",
    "MissingExtraError",
    "SettingsError",
    "SourceError",
    "SprachbundError",
    "one_line",
]


def one_line(error: BaseException) -> str:
    """What a library said of its failure, as a part of a message of ours: one line, of at most 200 characters."""
    return " ".join(str(error).split())[:200]


class SprachbundError(Exception):
    """The root: catch this to catch every error that is ours."""


class SourceError(SprachbundError):
    """A source of raw text cannot be read as any supported format, or not to its end."""


class LanguageError(SprachbundError):
    """A language code is unknown, or a language is not there."""


class CorpusError(SprachbundError):
    """A corpus lacks what the work needs."""


class FolderError(SprachbundError):
    """A folder is damaged, foreign, or written in a format version that this version cannot read."""


class DatabaseError(SprachbundError):
    """A database does not answer or refuses, or its table is not ours, of another version, or of another model."""


class DivergenceError(SprachbundError):
    """A training gave numbers that are none, or too large to be squared."""


class SettingsError(SprachbundError):
    """A setting is outside what can work."""


class CapacityError(SprachbundError):
    """The work would need more memory or disk than there is."""


class MissingExtraError(SprachbundError):
    """An optional dependency is not installed."""


class MissingDataError(SprachbundError):
    """A table that others publish and the work reads is not there."""
