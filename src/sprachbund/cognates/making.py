"""A lexicon from what a person has: a corpus or two lists of words, dictionaries, a table corrected by hand."""

from collections.abc import Iterable
from pathlib import Path

from sprachbund.cognates.correcting import carried_over, corrected, oriented, with_dictionary
from sprachbund.cognates.dictionaries import read_dictionary
from sprachbund.cognates.folder import MANIFEST
from sprachbund.cognates.learning import LearningSettings, learn
from sprachbund.cognates.lexicon import Cognates
from sprachbund.cognates.tables import read_pairs
from sprachbund.cognates.words import MOST, Words, read_words, words_of_corpus
from sprachbund.corpus.store import Corpus
from sprachbund.errors import FolderError, SettingsError
from sprachbund.languages import among, spoken
from sprachbund.progress import logger

__all__ = ["learn_cognates", "open_cognates"]


def learn_cognates(
    left: str,
    right: str,
    *,
    corpus: Corpus | Path | str | None = None,
    words: tuple[Path | str | Words, Path | str | Words] | None = None,
    dictionaries: Iterable[Path | str] = (),
    corrections: Path | str | None = None,
    out: Path | str | None = None,
    settings: LearningSettings | None = None,
) -> Cognates:
    """Learn the cognates of two languages, put dictionaries over them, then corrections by hand, and save all.

    Args:
        left, right: the languages, by code or name.
        corpus: with text in both. words: or a list of words of each, see `words.read_words`.
        dictionaries: see `dictionaries.read_dictionary`; either way round.
        corrections: a table that was written and changed, see `tables`.
        out: the lexicon's folder. Where there is one already its corrections are kept; without ``corpus`` and ``words``
            it is opened and not learned anew.

    Raises:
        SettingsError: nothing to learn from, or one language twice. LanguageError: a language is unknown.
        SourceError: a file cannot be read. CorpusError: no words. FolderError: ``out`` holds something else.
    """
    if corpus is not None and words is not None:
        raise SettingsError("expected a corpus or two lists of words, found both; give one")
    place = None if out is None else Path(out)
    earlier = open_cognates(left, right, place) if place and (place / MANIFEST).exists() else None
    if corpus is None and words is None:
        if earlier is None:
            raise SettingsError(
                f"nothing to learn the cognates of {left} and {right} from; expected a corpus, two lists of words, or "
                "the folder of a lexicon"
            )
        found = earlier
    else:
        most = settings.words if settings else LearningSettings().words
        if corpus is not None:
            text = corpus if isinstance(corpus, Corpus) else Corpus.open(corpus, check=False)
            both = [words_of_corpus(text, code, most) for code in among([left, right], text.languages, f"{text.path}:")]
        else:
            assert words is not None
            given = zip((left, right), words, strict=True)
            both = [one if isinstance(one, Words) else read_words(one, spoken(code), MOST) for code, one in given]
        found = learn(both[0], both[1], settings)
        if earlier is not None:
            found = carried_over(found, earlier)
    for path in dictionaries:
        pairs, turned = oriented(read_dictionary(path).pairs, found)
        found, counts = with_dictionary(found, pairs)
        logger.info(
            "%s: %s", path, ", ".join(f"{count:,} pairs {what}" for what, count in counts.items())
            + (", read from right to left" if turned else ""),
        )  # fmt: skip
    if corrections is not None:
        found, counts = corrected(found, read_pairs(corrections))
        logger.info("%s: %s", corrections, ", ".join(f"{count:,} pairs {what}" for what, count in counts.items()))
    if place is not None and found is not earlier:
        found.save(place)
    return found


def open_cognates(left: str, right: str, folder: Path | str) -> Cognates:
    """The lexicon in a folder, turned where it goes from right to left.

    Raises:
        FolderError: there is none, it is damaged, or of other languages. LanguageError: a language is unknown.
    """
    found = Cognates.open(folder)
    wanted = tuple(_code(asked, found.languages) for asked in (left, right))
    if wanted == found.languages:
        return found
    if wanted == found.languages[::-1]:
        return found.reversed()
    raise FolderError(
        f"{folder}: expected cognates of {wanted[0]} and {wanted[1]}, found {' and '.join(found.languages)}"
    )


def _code(asked: str, known: tuple[str, str]) -> str:
    return asked if asked in known else spoken(asked)
